using System.Security.Cryptography.X509Certificates;

namespace SidecarAgent.Webhook.Certificates;

/// <summary>What a decision about the certificates rests on.</summary>
/// <param name="Now">By the API server's clock.</param>
/// <param name="Secret">What the Secret holds.</param>
/// <param name="Registration">What the API servers trust; read before the Secret was.</param>
/// <param name="TrustedFor">How long this process has seen the API servers trust what the Secret says.</param>
/// <param name="IsServing">Whether this process answers with a certificate that is valid now.</param>
internal sealed record RenewalFacts(
    DateTimeOffset Now, CertificateSecret Secret, WebhookRegistration Registration, TimeSpan TrustedFor, bool IsServing);

/// <summary>
/// A change of authority goes: new one into the Secret; both into the webhook configuration; when all API servers have had
/// time to see it, a leaf of the new one into the Secret; a day later the old one goes. At every moment each replica's leaf
/// is one that every API server trusts. Pure: the Secret and the webhook configuration are all the memory there is.
/// </summary>
internal static class RenewalRule
{
    /// <summary>So long API servers, which watch the webhook configuration, may take to see a change of it.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    /// <summary>So long after a change of leaf the authority of the one before is trusted.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    private static readonly RenewalStep.Wait Nothing = new();

    public static RenewalStep Decide(RenewalFacts facts)
    {
        var (now, secret, registration, trustedFor, isServing) = facts;
        if (registration.DnsNames.Count == 0)
            return Nothing;
        if (secret is { Authority: null, Next: null })
            return new RenewalStep.Prepare(CertificateSecret.Empty with { Previous = StillValid(Announced(registration), now) });
        if (secret.Authority is null && StillValid(Announced(registration), now).Any(certificate => !Bundle.Holds(secret.Trusted, certificate)))
            return new RenewalStep.Tidy(secret with { Previous = StillValid([.. secret.Previous, .. Announced(registration)], now) });
        if (secret.Previous.Any(certificate => certificate.NotAfter <= now) || (secret.Problems.Count > 0 && secret.Leaf is not null))
            return new RenewalStep.Tidy(secret with { Previous = StillValid(secret.Previous, now) });
        if (!registration.TrustsExactly(secret.Trusted))
            return new RenewalStep.Announce(secret.Trusted);

        if (secret.Next is { } next)
        {
            if (isServing && trustedFor < Settling)
                return Nothing;
            IEnumerable<X509Certificate2> before = secret.Authority is { } old ? [old.Certificate] : [];
            var changed = new CertificateSecret { Authority = next, Previous = StillValid([.. before, .. secret.Previous], now) };
            return new RenewalStep.Issue(changed, registration.DnsNames);
        }

        return secret.Authority is { } authority ? WithAuthority(facts, authority) : Nothing;
    }

    private static RenewalStep WithAuthority(RenewalFacts facts, CertifiedKey authority)
    {
        var (now, secret, registration, _, _) = facts;
        if (IsDue(authority, now))
            return new RenewalStep.Prepare(secret);
        if (secret.Leaf is not { } leaf || IsDue(leaf, now) || !leaf.IsFor(registration.DnsNames))
            return new RenewalStep.Issue(secret, registration.DnsNames);
        return secret.Previous.Count > 0 && now >= leaf.NotBefore + Issuer.Backdate + Overlap
            ? new RenewalStep.Tidy(secret with { Previous = [] })
            : Nothing;
    }

    /// <summary>Two thirds of its life are over, or it was made by a clock that was ahead.</summary>
    private static bool IsDue(CertifiedKey key, DateTimeOffset now) => now >= key.RenewAt || now < key.NotBefore;

    /// <summary>The Secret is lost: what some replica still answers with is vouched for by what the API servers trust.</summary>
    private static IReadOnlyList<X509Certificate2> Announced(WebhookRegistration registration) =>
        [.. registration.Entries.SelectMany(entry => entry.Trusted)];

    private static IReadOnlyList<X509Certificate2> StillValid(IReadOnlyList<X509Certificate2> certificates, DateTimeOffset now)
    {
        const int Most = 4;
        return [.. Bundle.Distinct(certificates).Where(certificate => certificate.NotAfter > now)
            .OrderByDescending(certificate => certificate.NotBefore).Take(Most)];
    }
}
