namespace SidecarAgent.Webhook.Certificates;

/// <summary>Where the webhook keeps a certificate that it makes itself.</summary>
/// <param name="Secret">The Secret, in the pod's namespace.</param>
/// <param name="Webhook">The MutatingWebhookConfiguration whose <c>caBundle</c>s are kept up to date.</param>
internal sealed record SelfManagedCertificate(string Secret, string Webhook);
