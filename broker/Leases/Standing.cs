namespace SidecarAgent.Broker.Leases;

/// <summary>What a caller has of a secret, and what it was told, as far as its stream or its request tells.</summary>
/// <param name="Held">What it has; null: nothing.</param>
/// <param name="Told">Why this stream has denied it the secret, if that was its last word; null: it was not.</param>
internal sealed record Standing(HeldVersion? Held = null, DenialReason? Told = null)
{
    public static Standing Nothing { get; } = new();
}
