namespace SidecarAgent.Yaml;

/// <summary>A YAML file cannot be used. <see cref="Problems"/> has everything that is wrong, in the file's order.</summary>
public sealed class InvalidYamlException(IReadOnlyList<YamlProblem> problems)
    : Exception(string.Join('\n', problems))
{
    public IReadOnlyList<YamlProblem> Problems { get; } = problems;
}
