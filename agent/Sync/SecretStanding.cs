namespace SidecarAgent.Agent.Sync;

/// <summary>Where the agent stands with one secret.</summary>
internal enum SecretStanding
{
    /// <summary>Not had yet.</summary>
    Awaited,

    /// <summary>A version of it is in the files.</summary>
    Held,

    /// <summary>The broker has taken it away; its lease has ended.</summary>
    TakenAway,
}
