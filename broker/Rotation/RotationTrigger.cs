namespace SidecarAgent.Broker.Rotation;

/// <summary>What began a rotation. The numbers are stored.</summary>
internal enum RotationTrigger
{
    /// <summary>An operator asked for it.</summary>
    Request = 1,

    /// <summary>Its time had come.</summary>
    Schedule = 2,

    /// <summary>An operator said that the secret is compromised.</summary>
    Taint = 3,
}
