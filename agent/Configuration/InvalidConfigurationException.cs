namespace SidecarAgent.Agent.Configuration;

/// <summary>The configuration cannot be used. Says everything that is wrong with it, in one line.</summary>
internal sealed class InvalidConfigurationException(IReadOnlyList<string> problems) : Exception(Sentence(problems))
{
    public InvalidConfigurationException(string problem)
        : this([problem])
    {
    }

    /// <summary>One sentence each, in the order of the keys; at least one.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;

    private static string Sentence(IReadOnlyList<string> problems) => problems.Count == 1
        ? $"configuration: {problems[0]}"
        : $"configuration, {problems.Count} problems: {string.Join("; ", problems)}";
}
