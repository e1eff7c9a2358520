namespace SidecarAgent.Broker.Rotation;

/// <summary>The one thing that is to be done next about a rotation.</summary>
internal abstract record RotationStep
{
    /// <param name="Until">When to look again though nothing was heard; null: only then.</param>
    public sealed record Wait(DateTimeOffset? Until) : RotationStep;

    /// <summary>Make the new version, try it where it is used, and store it.</summary>
    public sealed record Prepare : RotationStep;

    /// <summary>Serve the new version.</summary>
    public sealed record Activate : RotationStep;

    /// <summary>Stop, and raise the alarm.</summary>
    public sealed record Hold(string Reason) : RotationStep;

    /// <summary>What held it is over.</summary>
    /// <param name="Deadline">Until when holders that are behind are waited for now.</param>
    public sealed record GoOn(DateTimeOffset Deadline) : RotationStep;

    /// <summary>Nobody is behind any longer: note when that was.</summary>
    public sealed record Converge : RotationStep;

    /// <summary>End the leases on older versions, so that what is revoked next is promised to nobody.</summary>
    public sealed record BeginRevoking(int LeftBehind) : RotationStep;

    /// <summary>Revoke the old credential where it lives.</summary>
    public sealed record RevokeOld : RotationStep;

    public sealed record Finish(int LeftBehind) : RotationStep;

    public sealed record Fail(string Reason) : RotationStep;
}
