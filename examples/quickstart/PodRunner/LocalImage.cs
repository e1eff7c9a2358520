namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>What stands in for a container image: programs of this machine.</summary>
/// <param name="EntryPoint">Run when the container names no command.</param>
/// <param name="Programs">Local program by its path in the image, for commands that name it.</param>
/// <param name="Environment">The image's own variables, such as PATH.</param>
internal sealed record LocalImage(
    string EntryPoint,
    IReadOnlyDictionary<string, string> Programs,
    IReadOnlyDictionary<string, string> Environment);
