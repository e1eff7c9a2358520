using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Policy;

/// <summary>The policies of a directory, kept in step with it.</summary>
internal sealed class PolicySource
{
    /// <param name="directory">Its <c>*.yaml</c> and <c>*.yml</c> are the policy files.</param>
    /// <param name="defaults">For grants that say nothing about time.</param>
    /// <param name="clock">For the waits.</param>
    /// <param name="logger">Where a bad file is reported.</param>
    /// <exception cref="SidecarAgent.Yaml.InvalidYamlException">The files cannot be used: at start that is fatal.</exception>
    public PolicySource(string directory, LeaseOptions defaults, TimeProvider clock, ILogger<PolicySource> logger) =>
        throw new NotImplementedException($"{directory}{defaults}{clock}{logger}");

    /// <summary>The policies in force.</summary>
    public PolicySet Current { get; private set; } = PolicySet.Empty;

    /// <summary>Why the directory's present state is not in force; null: it is.</summary>
    public string? LastProblem { get; private set; }

    /// <summary>Other policies are in force now. Raised by <see cref="RunAsync"/>, which waits for the handlers.</summary>
    public event Action<PolicySet>? Changed;

    /// <summary>The directory changed, but not to something that can be used. Raised by <see cref="RunAsync"/>.</summary>
    public event Action<string>? Rejected;

    /// <summary>Watches the directory until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        Changed?.Invoke(Current);
        Rejected?.Invoke("");
        throw new NotImplementedException($"{cancellationToken}");
    }
}
