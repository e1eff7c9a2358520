namespace SidecarAgent.Broker.Secrets;

/// <summary>What a generator makes. The numbers are stored, and are those of the proto file.</summary>
internal enum GeneratorKind
{
    /// <summary>Characters of an alphabet.</summary>
    Text = 0,

    /// <summary>Random bytes, in small hexadecimal digits.</summary>
    Hex = 1,

    /// <summary>Random bytes, in base64 with padding (RFC 4648, section 4).</summary>
    Base64 = 2,

    /// <summary>A random UUID (RFC 9562, version 4): 122 random bits.</summary>
    Uuid = 3,

    /// <summary>A pair of RSA keys.</summary>
    Rsa = 4,

    /// <summary>A pair of ECDSA keys on the curve P-256.</summary>
    EcdsaP256 = 5,

    /// <summary>A pair of ECDSA keys on the curve P-384.</summary>
    EcdsaP384 = 6,

    /// <summary>A pair of Ed25519 keys (RFC 8032).</summary>
    Ed25519 = 7,
}
