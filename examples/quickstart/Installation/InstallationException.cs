namespace SidecarAgent.Quickstart.Installation;

/// <summary>Something on this machine is not as it must be. The message is for a person and says what to do or look at.</summary>
internal sealed class InstallationException(string message) : Exception(message);
