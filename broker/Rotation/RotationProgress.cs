namespace SidecarAgent.Broker.Rotation;

/// <summary>How the holders of a secret stand to the version that is served. Each holder is counted once in each.</summary>
/// <param name="Holders">Holders of any version.</param>
/// <param name="Acknowledged">Those that use the served version.</param>
/// <param name="Behind">Those with a live lease on another version.</param>
/// <param name="Rejected">Those that said that they cannot use the served version.</param>
internal sealed record RotationProgress(int Holders, int Acknowledged, int Behind, int Rejected)
{
    public static RotationProgress Nobody { get; } = new(0, 0, 0, 0);
}
