namespace SidecarAgent.Broker.Secrets;

/// <summary>One immutable version of a secret, with its values sealed. Fields are sorted by name.</summary>
internal sealed record SecretVersion(
    SecretPath Path, ulong Version, DateTimeOffset CreatedAt, string CreatedBy, IReadOnlyList<StoredField> Fields);
