namespace SidecarAgent.Broker.Rotation;

/// <summary>How far a rotation has got. The numbers are stored, the names in small letters are label values.</summary>
internal enum RotationState
{
    /// <summary>The new version is being made and tried; the old one is served.</summary>
    Preparing = 1,

    /// <summary>The new version is served, and holders of older ones have yet to acknowledge it.</summary>
    Waiting = 2,

    /// <summary>A holder has rejected the new version: nothing goes on until it applies it, ends, or an operator decides.</summary>
    Held = 3,

    /// <summary>The old credential is being revoked where it lives.</summary>
    Revoking = 4,

    Done = 5,

    /// <summary>It ended without effect, or was overtaken.</summary>
    Failed = 6,

    /// <summary>An operator has ended it.</summary>
    Aborted = 7,
}
