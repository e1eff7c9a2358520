using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Plaintext;

/// <summary>How a secret in the open gave itself away.</summary>
internal enum PlaintextKind
{
    /// <summary>By the form of its value, such as a PEM key.</summary>
    Format,

    /// <summary>By the name of its variable or option.</summary>
    Name,

    /// <summary>By how random its value is.</summary>
    Entropy,

    /// <summary>It is a Kubernetes Secret that becomes an environment variable.</summary>
    Reference,
}

/// <summary>One secret in the open. Holds where it is, never what it is.</summary>
/// <param name="Kind">What gave it away.</param>
/// <param name="Container">Whose it is.</param>
/// <param name="Place">Where in the container, such as <c>environment variable DB_PASSWORD</c>.</param>
/// <param name="Reason">What it looks like.</param>
internal sealed record PlaintextFinding(PlaintextKind Kind, string Container, string Place, string Reason)
{
    public string Sentence => $"container {Foreign.Quote(Container)}: {Place} {Reason}; "
        + $"bring it as a file with {Annotations.Prefix}{Annotations.SecretOf}NAME";
}
