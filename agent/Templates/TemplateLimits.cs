namespace SidecarAgent.Agent.Templates;

/// <summary>Bounds that keep a template, however it is written, from hurting the pod. Far beyond what real files need.</summary>
internal static class TemplateLimits
{
    /// <summary>Characters of a template's source.</summary>
    public const int SourceCharacters = 256 * 1024;

    /// <summary>Blocks and parentheses within each other in the source.</summary>
    public const int Nesting = 100;

    /// <summary>Bytes of a rendered file.</summary>
    public const int OutputBytes = 1024 * 1024;

    /// <summary>Bytes of one string that a function makes.</summary>
    public const int StringBytes = 1024 * 1024;

    /// <summary>Items of one list that a function makes.</summary>
    public const int ListItems = 100_000;

    /// <summary>Lists and maps within each other, where a function walks all of them.</summary>
    public const int ValueDepth = 100;

    /// <summary>Templates, blocks and parentheses within each other while rendering.</summary>
    public const int ExecutionDepth = 500;

    /// <summary>Nodes evaluated, plus one for each 64 bytes or 8 items of what functions are given and make.</summary>
    public const int Steps = 2_000_000;

    public static readonly TimeSpan Time = TimeSpan.FromSeconds(5);

    /// <summary>One use of a regular expression.</summary>
    public static readonly TimeSpan RegexTime = TimeSpan.FromSeconds(1);
}
