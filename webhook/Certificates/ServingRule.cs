using SidecarAgent.Webhook.Tls;

namespace SidecarAgent.Webhook.Certificates;

/// <summary>Which certificate a replica answers with. Pure.</summary>
internal static class ServingRule
{
    /// <param name="secret">What the Secret holds.</param>
    /// <param name="registration">What the API servers trust.</param>
    /// <param name="current">What is answered with now.</param>
    /// <param name="now">By the API server's clock.</param>
    /// <returns>The certificate to change to; null: go on as it is, because the Secret's is in use or would be worse.</returns>
    public static CertifiedKey? Change(
        CertificateSecret secret, WebhookRegistration registration, ServerCertificate current, DateTimeOffset now)
    {
        if (secret is not { Leaf: { } leaf, Authority: { } authority } || leaf.Certificate.Thumbprint == current.Thumbprint)
            return null;
        // An API server that does not know the authority would refuse every pod.
        if (!registration.Trusts(authority))
            return null;
        return leaf.NotBefore <= now && now < leaf.NotAfter || !current.IsValidAt(now) ? leaf : null;
    }

    /// <summary>Why there is nothing to answer with, as far as can be told from what was read.</summary>
    public static string Missing(CertificateSecret secret, WebhookRegistration registration, SelfManagedCertificate names) =>
        registration.Entries.Count == 0 ? $"there is no MutatingWebhookConfiguration '{names.Webhook}' with webhooks in it"
        : registration.DnsNames.Count == 0 ? $"the MutatingWebhookConfiguration '{names.Webhook}' names neither a service nor a host"
        : secret.Leaf is null ? $"the Secret '{names.Secret}' holds no certificate yet; the replica with the Lease will make one"
        : $"the MutatingWebhookConfiguration '{names.Webhook}' does not trust the certificate of the Secret '{names.Secret}' yet";
}
