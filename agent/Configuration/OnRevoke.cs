namespace SidecarAgent.Agent.Configuration;

/// <summary>What becomes of the files of a secret that the broker takes away.</summary>
internal enum OnRevoke
{
    /// <summary>They are removed at once, overwritten. The default.</summary>
    Delete,

    /// <summary>They stay as they are, and <c>/readyz</c> says so.</summary>
    Keep,
}
