using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Identity;

/// <summary>Reads an issuer's key set from wherever its configuration says.</summary>
/// <param name="Read">Reads it. Throws nothing but <see cref="KeysUnavailableException"/> and cancellation.</param>
/// <param name="Refresh">How often to look for changes.</param>
/// <param name="Pause">The least time between two looks, when tokens name keys that are not known.</param>
internal sealed record KeySetReader(
    Func<CancellationToken, Task<string>> Read,
    TimeSpan Refresh,
    TimeSpan Pause)
{
    private const int MaxBytes = 1024 * 1024;

    /// <summary>What is read is a SPIFFE bundle.</summary>
    public bool IsSpiffe { get; init; }

    public static KeySetReader For(IssuerOptions issuer, TimeProvider clock) =>
        From(issuer, clock) with { IsSpiffe = issuer.IsSpiffe };

    private static KeySetReader From(IssuerOptions issuer, TimeProvider clock)
    {
        switch (issuer.Keys)
        {
            case KeySource.File file:
                return new KeySetReader(
                    cancellation => ReadFileAsync(file.Path, cancellation), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1));
            case KeySource.Url url:
                var http = new HttpKeySets(issuer, clock);
                return Remote(cancellation => http.ReadAsync(url.Address, cancellation));
            default:
                var discovery = new HttpKeySets(issuer, clock);
                return Remote(discovery.DiscoverAsync);
        }
    }

    private static KeySetReader Remote(Func<CancellationToken, Task<string>> read) =>
        new(read, TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(10));

    private static async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length > MaxBytes)
                throw new KeysUnavailableException($"{path} has {length} bytes; at most {MaxBytes} are allowed");
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeysUnavailableException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
