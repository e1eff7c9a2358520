using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Secrets;

/// <summary>What a generator has made.</summary>
/// <param name="Value">The field's value.</param>
/// <param name="PublicKey">Of a key pair: PEM, SubjectPublicKeyInfo (RFC 5280); null: it is none.</param>
internal sealed record Generated(SecretBytes Value, byte[]? PublicKey = null) : IDisposable
{
    /// <summary>The name of the field, beside <c>NAME</c>, that holds the public key of a pair.</summary>
    public static string PublicKeyField(string name) => $"{name}.pub";

    public void Dispose() => Value.Dispose();
}
