using SidecarAgent.Agent.Configuration;

namespace SidecarAgent.Agent.Sync;

/// <summary>What becomes of one file in the next generation.</summary>
internal enum FileFate
{
    /// <summary>Made anew of the secrets.</summary>
    Render,

    /// <summary>Goes over as it is.</summary>
    Keep,

    /// <summary>Must not be there any longer.</summary>
    Remove,

    /// <summary>Cannot be made yet.</summary>
    Await,
}

/// <summary>The rule behind <see cref="FileFate"/>.</summary>
internal static class FileFateRule
{
    /// <param name="secrets">Of each secret that the file needs: where the agent stands with it, and whether a version of it has just arrived.</param>
    /// <param name="onRevoke">What the pod asked for.</param>
    /// <param name="isCurrent">Whether the file stands in the current generation, made by the present configuration.</param>
    public static FileFate Decide(
        IReadOnlyCollection<(SecretStanding Standing, bool HasArrived)> secrets, OnRevoke onRevoke, bool isCurrent)
    {
        if (secrets.Any(secret => secret is { Standing: SecretStanding.TakenAway, HasArrived: false }))
            return onRevoke is OnRevoke.Keep && isCurrent ? FileFate.Keep : FileFate.Remove;
        if (secrets.Any(secret => secret is { Standing: SecretStanding.Awaited, HasArrived: false }))
            return isCurrent ? FileFate.Keep : FileFate.Await;
        return isCurrent && !secrets.Any(secret => secret.HasArrived) ? FileFate.Keep : FileFate.Render;
    }
}
