namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>The pod is not one, or needs something that only a cluster has. The message names the field.</summary>
internal sealed class InvalidPodException(string message) : Exception(message);
