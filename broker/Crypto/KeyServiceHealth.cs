namespace SidecarAgent.Broker.Crypto;

/// <summary>What is known of a key that lives outside this process.</summary>
/// <param name="Name">How configuration and messages call it, such as <c>kms unix:///run/kms.sock</c>.</param>
/// <param name="Problem">Why it cannot be used; null: it can.</param>
/// <param name="LastAnswer">When it could be used last; null: never yet.</param>
internal sealed record KeyServiceHealth(string Name, string? Problem, DateTimeOffset? LastAnswer);
