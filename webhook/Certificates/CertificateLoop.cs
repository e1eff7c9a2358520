using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Kubernetes;
using SidecarAgent.Webhook.Tls;

namespace SidecarAgent.Webhook.Certificates;

/// <summary>
/// Looks at the Secret and the webhook configuration, answers with what they say, and, if this replica holds the Lease,
/// takes the next step that <see cref="RenewalRule"/> asks for.
/// </summary>
internal sealed partial class CertificateLoop : BackgroundService
{
    private const int MaxStepsAtOnce = 8;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PeriodUntilServing = TimeSpan.FromSeconds(1);

    private readonly ApiClient _api;
    private readonly Election _election;
    private readonly ServerCertificate _certificate;
    private readonly SelfManagedCertificate _names;
    private readonly string _namespace;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateLoop> _logger;
    private readonly PatientLoop _loop;

    private (string Authorities, long Since)? _trusted;
    private string _saidProblems = "";

    /// <param name="namespace">The Secret's.</param>
    public CertificateLoop(
        ApiClient api, Election election, ServerCertificate certificate, SelfManagedCertificate names, string @namespace,
        TimeProvider time, ILogger<CertificateLoop> logger)
    {
        _api = api;
        _election = election;
        _certificate = certificate;
        _names = names;
        _namespace = @namespace;
        _time = time;
        _logger = logger;
        _loop = new PatientLoop("The certificate cannot be looked after", time, logger);
        certificate.Missing = "the API server was not asked for a certificate yet";
    }

    /// <summary>Goes on until there is nothing to do but wait.</summary>
    /// <returns>How long to wait.</returns>
    /// <exception cref="ApiException">The API server does not answer, or another changed what was to be changed.</exception>
    public async Task<TimeSpan> RoundAsync(CancellationToken cancellation)
    {
        for (var i = 0; i < MaxStepsAtOnce && await StepAsync(cancellation); i++)
            continue;
        return _certificate.IsValidAt(_api.Now) ? Period : PeriodUntilServing;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _loop.RunAsync(RoundAsync, problem => _certificate.Missing = problem.Message, stoppingToken);

    /// <returns>Whether something was written, so that it is worth looking again.</returns>
    private async Task<bool> StepAsync(CancellationToken cancellation)
    {
        // In this order: a patch of the configuration that was read first is refused if somebody who knew a newer Secret came
        // between.
        var registration = WebhookRegistration.Read(await _api.FindAsync(ApiPaths.Registration(_names.Webhook), cancellation));
        var stored = await _api.FindAsync(ApiPaths.Secret(_namespace, _names.Secret), cancellation);
        var secret = CertificateSecret.Read(stored);
        SayProblems(secret);
        Serve(secret, registration);
        var trustedFor = TrustedFor(secret, registration);
        if (!_election.IsHolder)
            return false;

        var now = _api.Now;
        var step = RenewalRule.Decide(new RenewalFacts(now, secret, registration, trustedFor, _certificate.IsValidAt(now)));
        switch (step)
        {
            case RenewalStep.Prepare prepare:
                await WriteAsync(stored, prepare.Keep with { Next = Issuer.Authority(now) }, cancellation);
                LogPrepared(_names.Secret);
                break;
            case RenewalStep.Announce announce:
                await _api.PatchAsync(ApiPaths.Registration(_names.Webhook), registration.Patch(announce.Authorities), cancellation);
                LogAnnounced(_names.Webhook, announce.Authorities.Count);
                break;
            case RenewalStep.Issue issue:
                var leaf = Issuer.Leaf(issue.Keep.Authority!, issue.DnsNames, now);
                await WriteAsync(stored, issue.Keep with { Leaf = leaf }, cancellation);
                LogIssued(_names.Secret, leaf.NotAfter);
                break;
            case RenewalStep.Tidy tidy:
                await WriteAsync(stored, tidy.Keep, cancellation);
                LogTidied(_names.Secret);
                break;
            default:
                return false;
        }

        return true;
    }

    private void Serve(CertificateSecret secret, WebhookRegistration registration)
    {
        if (ServingRule.Change(secret, registration, _certificate, _api.Now) is { } leaf)
        {
            _certificate.Use(leaf.Certificate, []);
            LogServes(string.Join(", ", registration.DnsNames), leaf.NotAfter);
        }

        _certificate.Missing = ServingRule.Missing(secret, registration, _names);
    }

    private TimeSpan TrustedFor(CertificateSecret secret, WebhookRegistration registration)
    {
        var authorities = string.Join(' ', secret.Trusted.Select(certificate => certificate.Thumbprint));
        if (!registration.TrustsExactly(secret.Trusted))
            _trusted = null;
        else if (_trusted?.Authorities != authorities)
            _trusted = (authorities, _time.GetTimestamp());
        return _trusted is { } trusted ? _time.GetElapsedTime(trusted.Since) : TimeSpan.Zero;
    }

    private Task<JsonObject> WriteAsync(JsonObject? stored, CertificateSecret secret, CancellationToken cancellation)
    {
        var written = secret.Write(stored, _namespace, _names.Secret);
        return stored is null
            ? new ShippedObject("Secret", _namespace, _names.Secret).CreateAsync(_api, ApiPaths.Secrets(_namespace), written, cancellation)
            : _api.ReplaceAsync(ApiPaths.Secret(_namespace, _names.Secret), written, cancellation);
    }

    private void SayProblems(CertificateSecret secret)
    {
        var problems = string.Join("; ", secret.Problems);
        if (problems != _saidProblems && problems.Length > 0)
            LogRubbish(_names.Secret, problems);
        _saidProblems = problems;
    }
}
