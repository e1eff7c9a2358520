namespace SidecarAgent.Broker.Credentials;

/// <summary>When dropping an account is tried again, and when somebody must look. Pure.</summary>
internal static class RevocationRule
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>An irrevocable one is tried so seldom: until somebody has looked, little will change.</summary>
    private static readonly TimeSpan Slowly = TimeSpan.FromHours(1);

    /// <param name="credential">Which could not be dropped just now.</param>
    /// <param name="problem">Why.</param>
    /// <param name="now">The time.</param>
    /// <param name="giveUpAfter">How long after the lease's end it becomes irrevocable.</param>
    /// <param name="random">0 to 1: spreads those that failed together.</param>
    public static Credential Failed(
        Credential credential, string problem, DateTimeOffset now, TimeSpan giveUpAfter, double random)
    {
        var since = credential.EndedAt ?? now;
        var isOver = credential.State == CredentialState.Irrevocable || now - since >= giveUpAfter;
        var wait = isOver ? Slowly : Backoff(credential.Attempts);
        return credential with
        {
            State = isOver ? CredentialState.Irrevocable : CredentialState.Revoking,
            EndedAt = since,
            Attempts = credential.Attempts + 1,
            NextAttemptAt = now + wait * (0.75 + random / 2),
            Problem = problem,
        };
    }

    /// <summary>One that was dropped, and may yet appear: it is dropped again when that cannot happen any more.</summary>
    /// <returns>Null: it is gone for good.</returns>
    public static Credential? Dropped(Credential credential, DateTimeOffset now) => now >= credential.InDoubtUntil
        ? null
        : credential with { State = CredentialState.Revoking, NextAttemptAt = credential.InDoubtUntil, Problem = null };

    /// <summary>It was dropped, and waits for the time when it cannot appear any more.</summary>
    public static bool WasDropped(Credential credential) =>
        credential is { State: CredentialState.Revoking, Problem: null, NextAttemptAt: { } next, EndedAt: { } ended } && next > ended;

    private static TimeSpan Backoff(int attempts)
    {
        // 2^9 seconds are more than the longest wait.
        var wait = First * Math.Pow(2, Math.Min(attempts, 9));
        return wait < Longest ? wait : Longest;
    }
}
