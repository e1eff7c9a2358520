namespace SidecarAgent.Quickstart.PodRunner;

internal sealed class PodFailedException(string message) : Exception(message);
