namespace SidecarAgent.Broker.Secrets;

/// <summary>What there is at a path.</summary>
/// <param name="Path">Where.</param>
/// <param name="NewestVersion">The highest number ever given.</param>
/// <param name="ActiveVersion">The version that is served; 0: none yet.</param>
/// <param name="ActivatedAt">When it became that; null: none yet.</param>
internal sealed record SecretHead(SecretPath Path, ulong NewestVersion, ulong ActiveVersion, DateTimeOffset? ActivatedAt)
{
    /// <summary>When an operator deleted what was served; null: something is served, or nothing ever was.</summary>
    public DateTimeOffset? WithdrawnAt { get; init; }
}
