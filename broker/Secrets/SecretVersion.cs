namespace SidecarAgent.Broker.Secrets;

/// <summary>One immutable version of a secret, with its values sealed. Fields are sorted by name.</summary>
internal sealed record SecretVersion(
    SecretPath Path, ulong Version, DateTimeOffset CreatedAt, string CreatedBy, IReadOnlyList<StoredField> Fields)
{
    /// <summary>Since when it can be neither served nor shown; null: it can.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Since when its values are erased; null: they are there.</summary>
    public DateTimeOffset? DestroyedAt { get; init; }

    /// <summary>Of a new one: how many versions of the secret are kept with it; 0: all.</summary>
    public int Keep { get; init; }
}
