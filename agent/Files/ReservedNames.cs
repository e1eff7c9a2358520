namespace SidecarAgent.Agent.Files;

/// <summary>Names that the agent keeps for itself, besides those of generations. No <see cref="FilePath"/> can be one.</summary>
internal static class ReservedNames
{
    /// <summary>Link to the current generation. One rename of it changes all files.</summary>
    public const string Current = "..data";

    /// <summary>The next <see cref="Current"/>, for the moment before the rename.</summary>
    public const string Next = "..data_tmp";

    /// <summary>What the agent remembers about a generation, inside it.</summary>
    public const string Manifest = "..manifest";

    /// <summary>A file of a generation that is being replaced, for the moment before the rename.</summary>
    public const string Replacement = "..tmp";
}
