namespace SidecarAgent.Broker.Configuration;

/// <summary>Where an issuer's public keys come from.</summary>
internal abstract record KeySource
{
    /// <summary><c>keys: discovery</c>: the issuer's own OpenID Connect document says where.</summary>
    public sealed record Discovery : KeySource;

    /// <summary>A JSON Web Key Set in a file.</summary>
    /// <param name="Path">Absolute.</param>
    public sealed record File(string Path) : KeySource;

    /// <summary>A JSON Web Key Set at an address.</summary>
    /// <param name="Address">HTTPS.</param>
    public sealed record Url(Uri Address) : KeySource;
}
