using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Engines;

/// <summary>
/// Which engine is attached where. A path's first segment decides who serves it; where two engines share a mount, the
/// first two do.
/// </summary>
/// <param name="engines">By <c>MOUNT</c>, or by <c>MOUNT/SEGMENT</c>, which goes first.</param>
internal sealed class Mounts(IReadOnlyDictionary<string, ISecretEngine> engines)
{
    private readonly Dictionary<string, ISecretEngine>.AlternateLookup<ReadOnlySpan<char>> _byPrefix =
        new Dictionary<string, ISecretEngine>(engines, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The mounts, sorted.</summary>
    public IReadOnlyList<string> Paths { get; } =
        [.. engines.Keys.Where(key => !key.Contains('/')).Order(StringComparer.Ordinal)];

    /// <summary>All engines, of whatever mount.</summary>
    public IEnumerable<ISecretEngine> Engines => engines.Values;

    /// <summary>Whether an engine is mounted there that knows the path.</summary>
    public bool Serves(SecretPath path) => Find(path)?.Serves(path) == true;

    /// <inheritdoc cref="ISecretEngine.ReadAsync"/>
    public Task<Facts> ReadAsync(
        Session session, string holder, SecretPath path, DateTimeOffset now, CancellationToken cancellationToken) =>
        Find(path) is { } engine
            ? engine.ReadAsync(session, holder, path, now, cancellationToken)
            : Task.FromResult(new Facts(null, [], null));

    /// <inheritdoc cref="ISecretEngine.Limit"/>
    public LeaseTerms Limit(SecretPath path, LeaseTerms granted) => Find(path)?.Limit(path, granted) ?? granted;

    /// <returns>The engine that issues this secret; null: there is no such mount, or another engine's.</returns>
    public T? Find<T>(SecretPath path)
        where T : class, ISecretEngine => Find(path) as T;

    /// <exception cref="RequestFailedException">
    /// What lies there is not stored by people, or nothing is mounted there.
    /// </exception>
    public void RequireStored(SecretPath path)
    {
        if (Find(path) is KeyValueEngine)
            return;
        var stored = string.Join(", ", engines.Where(e => e.Value is KeyValueEngine).Select(e => e.Key).Order(StringComparer.Ordinal));
        throw new RequestFailedException(
            ErrorReason.RequestInvalid,
            Find(path) is null
                ? $"there is no mount {path.Mount}; there is {string.Join(", ", Paths)}"
                : $"what lies below {path.Mount} is made by the broker; secrets are stored below {stored}",
            path);
    }

    private ISecretEngine? Find(SecretPath path)
    {
        var text = path.ToString().AsSpan();
        var mount = text.IndexOf('/');
        var segment = text[(mount + 1)..].IndexOf('/');
        return _byPrefix.TryGetValue(segment < 0 ? text : text[..(mount + 1 + segment)], out var engine)
            || _byPrefix.TryGetValue(text[..mount], out engine)
            ? engine
            : null;
    }
}
