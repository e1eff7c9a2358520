namespace SidecarAgent.Broker.Configuration;

/// <summary><c>key</c>: the key-encryption keys.</summary>
/// <param name="Current">The one that wraps.</param>
/// <param name="Previous"><c>previous</c>: those that wrapped before, and still unwrap. Default none.</param>
/// <param name="Cache">
/// <c>cache</c>: how long a data key that an HSM or a KMS has unwrapped serves from memory without being confirmed; 0s to
/// 24h, default 10m.
/// </param>
internal sealed record KeyOptions(KekOptions Current, IReadOnlyList<KekOptions> Previous, TimeSpan Cache)
{
    public static TimeSpan DefaultCache { get; } = TimeSpan.FromMinutes(10);
}

/// <summary>Where one key-encryption key lives.</summary>
internal abstract record KekOptions
{
    /// <summary><c>file</c>: in a file that <c>sidecar-broker init-key</c> makes.</summary>
    /// <param name="Path">Absolute.</param>
    public sealed record InFile(string Path) : KekOptions;

    /// <summary><c>kms</c>: behind a Kubernetes KMS v2 plugin.</summary>
    /// <param name="Socket">Absolute path of its Unix socket.</param>
    public sealed record InKms(string Socket) : KekOptions;

    /// <summary><c>pkcs11</c>: in a token (HSM), and never out of it.</summary>
    /// <param name="Module"><c>module</c>: the PKCS#11 library, absolute. Required.</param>
    /// <param name="TokenLabel"><c>tokenLabel</c>: the token's label. Required.</param>
    /// <param name="KeyLabel"><c>keyLabel</c>: the AES key's label, unique in the token. Required.</param>
    /// <param name="PinFile"><c>pinFile</c>: holds the user PIN, read at each login. Required.</param>
    public sealed record InToken(string Module, string TokenLabel, string KeyLabel, string PinFile) : KekOptions;
}
