namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>What to do about the Lease.</summary>
internal enum LeaseStep
{
    /// <summary>Another holds it and lives, as far as can be told.</summary>
    Follow,

    /// <summary>There is none.</summary>
    Create,

    /// <summary>It is ours.</summary>
    Renew,

    /// <summary>It was given back, or its holder has not moved for a whole duration.</summary>
    Take,
}

/// <summary>
/// Who may write, as client-go's leader election has it: a holder is dead when its record has not changed for a whole
/// duration of our own clock, whatever times it wrote. So clocks may differ, and a Lease does not stick to a dead pod.
/// </summary>
internal static class LeaseRule
{
    /// <summary>So long a holder that does not renew is waited for.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    /// <summary>So long after its last renewal began a holder still acts as one: well before others take over.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static readonly TimeSpan Period = TimeSpan.FromSeconds(8);

    /// <param name="record">As read now; null if there is none.</param>
    /// <param name="unchangedFor">How long, by our clock, it has been as it is.</param>
    /// <param name="me">This process.</param>
    public static LeaseStep Decide(LeaseRecord? record, TimeSpan unchangedFor, string me) => record switch
    {
        null => LeaseStep.Create,
        _ when record.Holder == me => LeaseStep.Renew,
        { Holder: "" } => LeaseStep.Take,
        _ => unchangedFor >= Duration ? LeaseStep.Take : LeaseStep.Follow,
    };
}
