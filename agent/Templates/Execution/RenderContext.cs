using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Execution;

/// <summary>What one rendering may use: the secrets, the time and the budget.</summary>
internal sealed class RenderContext(SecretSet secrets, TimeProvider time, RegexCache regexes)
{
    private readonly Dictionary<string, SecretValue> _secrets = new(StringComparer.Ordinal);

    public Budget Budget { get; } = new(time);

    public RegexCache Regexes { get; } = regexes;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <exception cref="EvaluationException">The secret is not there.</exception>
    public SecretValue Secret(string path)
    {
        if (_secrets.TryGetValue(path, out var value))
            return value;
        if (!secrets.TryGet(path, out var secret))
            throw new EvaluationException($"secret {path} has not been received");
        return _secrets[path] = new SecretValue(secret);
    }
}
