using System.Security.Cryptography.X509Certificates;

namespace SidecarAgent.Webhook.Certificates;

/// <summary>What the holder of the Lease does next about the certificates. One write each; a crash between any two is repaired by going on.</summary>
internal abstract record RenewalStep
{
    /// <summary>Nothing, for now.</summary>
    public sealed record Wait : RenewalStep;

    /// <summary>Write a new authority into the Secret, for the leaf after the next.</summary>
    /// <param name="Keep">What the Secret holds besides.</param>
    public sealed record Prepare(CertificateSecret Keep) : RenewalStep;

    /// <summary>Tell the API servers, through the webhook configuration, to trust these and no others.</summary>
    public sealed record Announce(IReadOnlyList<X509Certificate2> Authorities) : RenewalStep;

    /// <summary>Write a new leaf into the Secret, signed by <see cref="CertificateSecret.Authority"/> of what is kept.</summary>
    /// <param name="Keep">What the Secret holds besides.</param>
    /// <param name="DnsNames">What the leaf is for.</param>
    public sealed record Issue(CertificateSecret Keep, IReadOnlyList<string> DnsNames) : RenewalStep;

    /// <summary>Write the Secret with less in it.</summary>
    public sealed record Tidy(CertificateSecret Keep) : RenewalStep;
}
