namespace SidecarAgent.Agent.Configuration;

/// <summary>What differs between the configuration in use and another, by what it takes to use that one.</summary>
/// <param name="NeedsRestart">Keys that cannot change while the agent runs.</param>
/// <param name="Connection">The broker, its CA, or the identity differs.</param>
/// <param name="Files">The files, whom to tell, or what becomes of revoked ones differs.</param>
/// <param name="Log">Level or format differs.</param>
internal sealed record ConfigurationChange(IReadOnlyList<string> NeedsRestart, bool Connection, bool Files, bool Log)
{
    public bool IsNone => NeedsRestart.Count == 0 && !Connection && !Files && !Log;

    public static ConfigurationChange Between(AgentOptions present, AgentOptions next)
    {
        var restart = new List<string>();
        if (present.MountPath != next.MountPath)
            restart.Add("mountPath");
        if (present.AllowDisk != next.AllowDisk)
            restart.Add("allowDisk");
        if (!present.Listen.Equals(next.Listen))
            restart.Add("listen");
        return new ConfigurationChange(
            restart,
            present.Broker != next.Broker || present.Identity != next.Identity,
            !present.Files.SequenceEqual(next.Files) || present.Notify != next.Notify || present.OnRevoke != next.OnRevoke,
            present.Log != next.Log);
    }
}
