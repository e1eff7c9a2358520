namespace SidecarAgent.Yaml;

/// <summary>One thing that is wrong with a YAML file, and where. Line and column count from 1.</summary>
public sealed record YamlProblem(string File, long Line, long Column, string Message)
{
    public override string ToString() => $"{File}:{Line}:{Column}: {Message}";
}
