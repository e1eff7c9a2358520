namespace SidecarAgent.Broker.Crypto;

/// <summary>How far a rewrap has got.</summary>
/// <param name="KeyId">The key that wraps now.</param>
/// <param name="Total">Data keys that earlier keys had wrapped when it began.</param>
/// <param name="Done">Those of them that are wrapped by the current key now.</param>
/// <param name="Failed">Those of them that cannot be unwrapped; they stay as they are.</param>
/// <param name="Problem">Why, of the first of those; null: there is none.</param>
internal sealed record RewrapProgress(string KeyId, long Total, long Done, long Failed, string? Problem);
