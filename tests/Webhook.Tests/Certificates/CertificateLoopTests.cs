using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Webhook.Certificates;
using SidecarAgent.Webhook.Kubernetes;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Certificates;

/// <summary>Replicas and an API server, a round at a time.</summary>
public sealed class CertificateLoopTests : IAsyncLifetime
{
    private static readonly string SecretPath = ApiPaths.Secret(FakeApiServer.Namespace, The.SelfManaged.Secret);

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly SaidLines _said = new();
    private readonly List<Replica> _replicas = [];
    private FakeApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync(_time);
        _server.Put(Registrations.Path, Registrations.Of("pods.sidecar-agent.io", "jobs.sidecar-agent.io"));
    }

    public async Task DisposeAsync()
    {
        foreach (var replica in _replicas)
            replica.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_new_installation_gets_a_certificate_that_the_API_server_trusts_and_all_replicas_answer_with_it()
    {
        var (one, two) = (Start("one"), Start("two"));
        await one.RoundAsync();
        await two.RoundAsync();

        AssertServes(one);
        Assert.Equal(one.Certificate.Thumbprint, two.Certificate.Thumbprint);
        Assert.Equal(
            ["POST secrets", "PATCH sidecar-agent", "PUT sidecar-webhook-tls"],
            _server.Writes.Where(write => !write.Contains("leases", StringComparison.Ordinal)).Select(Short));
        Assert.Equal("yes", (string?)_server.Find(Registrations.Path)!["metadata"]!["labels"]!["kept"]);
    }

    [Fact]
    public async Task A_replica_that_starts_later_answers_at_once_and_writes_nothing()
    {
        await Start("one").RoundAsync();
        var writes = _server.Writes.Count;

        var late = Start("late");
        await late.RoundAsync();

        AssertServes(late);
        Assert.Equal(writes, _server.Writes.Count);
    }

    [Fact]
    public async Task An_authority_is_changed_over_without_a_moment_in_which_a_replica_is_not_trusted()
    {
        var (one, two) = (Start("one"), Start("two"));
        await one.RoundAsync();
        await two.RoundAsync();
        var first = Secret().Authority!;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var most = 0;

        for (var i = 0; i < 290; i++)
        {
            _time.Advance(i % 10 < 7 ? TimeSpan.FromSeconds(15) : TimeSpan.FromDays(3));
            await one.RoundAsync();
            AssertServes(one);
            AssertServes(two);
            await two.RoundAsync();
            AssertServes(two);
            seen.Add(one.Certificate.Thumbprint!);
            most = Math.Max(most, Registration().Entries[0].Trusted.Count);
        }

        Assert.NotEqual(first.Certificate.Thumbprint, Secret().Authority!.Certificate.Thumbprint);
        Assert.Equal(2, most);
        Assert.InRange(seen.Count, 5, 7);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_crash_before_or_after_any_write_is_repaired_by_the_next_replica(int write)
    {
        foreach (var happens in new[] { false, true })
        {
            _server.Delete(SecretPath);
            _server.Delete(ApiPaths.Lease(FakeApiServer.Namespace, Election.LeaseName));
            _server.Put(Registrations.Path, Registrations.Of());
            var left = write;
            bool IsTheOne(string said) => !said.StartsWith("GET", StringComparison.Ordinal) && !said.Contains("leases", StringComparison.Ordinal) && left-- == 0;
            _server.Fails = said => !happens && IsTheOne(said) ? 500 : null;
            _server.LosesAnswer = said => happens && IsTheOne(said);
            Assert.NotNull(await Start($"crashed-{happens}").TryRoundAsync());

            var next = Start($"next-{happens}");
            await next.TryRoundAsync();
            _time.Advance(LeaseRule.Duration);
            await next.RoundAsync();

            AssertServes(next);
            Assert.Single(Registration().Entries[0].Trusted);
        }
    }

    [Fact]
    public async Task A_Secret_edited_to_rubbish_is_replaced_with_a_word_and_nobody_stops_answering()
    {
        var (one, two) = (Start("one"), Start("two"));
        await one.RoundAsync();
        await two.RoundAsync();
        var before = one.Certificate.Thumbprint;
        var secret = _server.Find(SecretPath)!;
        foreach (var name in secret["data"]!.AsObject().Select(pair => pair.Key).ToList())
            secret["data"]![name] = name == "tls.crt" ? "%%%" : "cnViYmlzaA==";
        secret["metadata"]!["annotations"] = new JsonObject { ["kept"] = "yes" };
        _server.Put(SecretPath, secret);

        await two.RoundAsync();
        await one.RoundAsync();
        AssertServes(one);
        Assert.Equal((before, before), (one.Certificate.Thumbprint, two.Certificate.Thumbprint));
        _time.Advance(RenewalRule.Settling / 2);
        await one.RoundAsync();
        _time.Advance(RenewalRule.Settling / 2);
        await one.RoundAsync();
        AssertServes(two);
        await two.RoundAsync();

        AssertServes(one);
        Assert.Equal(one.Certificate.Thumbprint, two.Certificate.Thumbprint);
        Assert.NotEqual(before, one.Certificate.Thumbprint);
        Assert.Contains(_said.Lines, line => line.StartsWith("Warning: The Secret 'sidecar-webhook-tls' was changed by others or is damaged", StringComparison.Ordinal));
        Assert.DoesNotContain(_said.Lines, line => line.Contains("rubbish", StringComparison.Ordinal));
        Assert.Equal("yes", (string?)_server.Find(SecretPath)!["metadata"]!["annotations"]!["kept"]);
    }

    [Fact]
    public async Task Trust_that_somebody_took_out_of_the_webhook_configuration_is_put_back()
    {
        var one = Start("one");
        await one.RoundAsync();
        _server.Put(Registrations.Path, Registrations.Of());

        await one.RoundAsync();

        AssertServes(one);
    }

    [Fact]
    public async Task A_leaf_whose_authority_is_not_trusted_is_not_answered_with()
    {
        await Start("one").RoundAsync();
        _server.Put(Registrations.Path, Registrations.Of());

        var two = Start("two");
        await two.RoundAsync();

        Assert.Null(two.Certificate.Thumbprint);
        Assert.Equal("the MutatingWebhookConfiguration 'sidecar-agent' does not trust the certificate of the Secret 'sidecar-webhook-tls' yet", two.Certificate.Missing);
    }

    [Fact]
    public async Task Two_that_both_believe_they_may_write_agree_on_one_authority()
    {
        var (one, two) = (Start("one"), Start("two"));
        // Between the first's reading and its writing, the other does everything.
        var others = false;
        _server.BeforeAsync = async said =>
        {
            if (others || said != $"POST {ApiPaths.Secrets(FakeApiServer.Namespace)}")
                return;
            others = true;
            _server.Delete(ApiPaths.Lease(FakeApiServer.Namespace, Election.LeaseName));
            await two.RoundAsync();
        };

        var problem = await one.TryRoundAsync();

        Assert.True(problem?.IsConflict);
        await one.TryRoundAsync();
        AssertServes(two);
        Assert.Equal(two.Certificate.Thumbprint, one.Certificate.Thumbprint);
    }

    [Fact]
    public async Task A_patch_by_one_that_overslept_changes_nothing()
    {
        var (one, two) = (Start("one"), Start("two"));
        var others = false;
        _server.BeforeAsync = async said =>
        {
            if (others || said != $"PATCH {Registrations.Path}")
                return;
            others = true;
            // All that the first knew is gone by now, and another has begun anew.
            _server.Delete(SecretPath);
            _server.Delete(ApiPaths.Lease(FakeApiServer.Namespace, Election.LeaseName));
            await two.RoundAsync();
        };

        Assert.True((await one.TryRoundAsync())?.IsConflict);
        AssertServes(two);
    }

    [Fact]
    public async Task With_the_API_server_away_it_goes_on_answering_with_what_it_has()
    {
        var one = Start("one");
        await one.RoundAsync();
        await _server.StopAsync();
        _time.Advance(TimeSpan.FromDays(1));

        var problem = await one.TryRoundAsync();

        Assert.StartsWith("the API server cannot be reached at 127.0.0.1:", problem?.Message, StringComparison.Ordinal);
        Assert.True(one.Certificate.IsValidAt(_time.GetUtcNow()));
        Assert.False(one.Election.IsHolder);
        await _server.StartAgainAsync();
        await one.RoundAsync();
        AssertServes(one);
    }

    [Fact]
    public async Task Certificates_are_valid_by_the_clock_of_the_API_server_which_verifies_them()
    {
        _server.Ahead = TimeSpan.FromDays(-30);
        var one = Start("one");

        await one.RoundAsync();

        var leaf = Secret().Leaf!;
        var theirs = _time.GetUtcNow() + _server.Ahead;
        Assert.InRange(theirs, leaf.NotBefore, leaf.NotBefore.AddHours(2));
    }

    private Replica Start(string name)
    {
        var replica = new Replica(_server, name, _time, _said);
        _replicas.Add(replica);
        return replica;
    }

    private CertificateSecret Secret() => CertificateSecret.Read(_server.Find(SecretPath));

    private WebhookRegistration Registration() => WebhookRegistration.Read(_server.Find(Registrations.Path));

    /// <summary>As an API server checks it, with each webhook's own bundle.</summary>
    private void AssertServes(Replica replica)
    {
        var leaf = replica.Certificate.Context.TargetCertificate;
        Assert.True(leaf.MatchesHostname(Registrations.DnsName));
        foreach (var entry in Registration().Entries)
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(entry.Trusted.ToArray());
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.VerificationTime = _time.GetUtcNow().UtcDateTime;
            Assert.True(chain.Build(leaf), string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation)));
        }
    }

    private static string Short(string request) => $"{request.Split(' ')[0]} {request.Split('/')[^1]}";
}
