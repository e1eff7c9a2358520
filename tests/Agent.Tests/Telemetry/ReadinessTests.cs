using System.Text;
using SidecarAgent.Agent.Leases;
using SidecarAgent.Agent.Sync;
using SidecarAgent.Agent.Telemetry;

namespace SidecarAgent.Agent.Tests.Telemetry;

public sealed class ReadinessTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly SecretStatus Held = new("kv/a", SecretStanding.Held, 3, null);

    [Fact]
    public void With_every_file_there_and_every_lease_alive_an_absent_broker_is_no_problem()
    {
        var readiness = Of(new SyncStatus(null, [], [], [Held]), isConnected: false, Lease(Now.AddMinutes(1)));

        Assert.Equal((true, "away"), (readiness.Ready, readiness.Broker));
        Assert.Empty(readiness.Problems);
    }

    [Fact]
    public void Its_json_is_what_monitoring_reads_and_reads_back_as_the_same()
    {
        var readiness = new Readiness(false, "away", Now, 7, ["file \"a\" waits", "é"]);

        var json = readiness.ToJson();

        Assert.Equal(
            """{"ready":false,"broker":"away","brokerSince":"2026-01-31T12:00:00+00:00","generation":7,"problems":["file \u0022a\u0022 waits","\u00E9"]}""",
            Encoding.UTF8.GetString(json));
        var read = Readiness.Parse(json);
        Assert.Equal(readiness with { Problems = [] }, read with { Problems = [] });
        Assert.Equal(readiness.Problems, read.Problems);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("""{"ready":true}""")]
    [InlineData("""{"ready":1,"broker":"away","brokerSince":"2026-01-31T12:00:00+00:00","generation":7,"problems":[]}""")]
    [InlineData("""{"ready":true,"broker":"away","brokerSince":"soon","generation":7,"problems":[]}""")]
    public void Something_else_is_not_taken_for_it(string json) =>
        Assert.Throws<FormatException>(() => Readiness.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void What_is_missing_is_named_with_what_it_waits_for()
    {
        var status = new SyncStatus(
            null,
            [],
            [new MissingFile("db.json", ["kv/a", "kv/b"], Now), new MissingFile("c", [], Now.AddHours(-1)), new MissingFile("d", [], null)],
            [new SecretStatus("kv/a", SecretStanding.Awaited, 0, new SecretProblem("NO_GRANT", "the broker's own words", Now))]);

        var readiness = Of(status, isConnected: true);

        Assert.Equal(
            [
                "file db.json waits for kv/a, kv/b (since 2026-01-31 12:00:00Z)", "file c waits for the other files (since 2026-01-31 11:00:00Z)",
                "file d has disappeared from the mount", "kv/a: NO_GRANT (since 2026-01-31 12:00:00Z)",
            ],
            readiness.Problems);
        Assert.False(readiness.Ready);
        Assert.DoesNotContain("own words", Encoding.UTF8.GetString(readiness.ToJson()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lease_past_its_end_is_a_problem_from_that_moment()
    {
        Assert.True(Of(new SyncStatus(null, [], [], [Held]), isConnected: true, Lease(Now.AddTicks(1))).Ready);
        Assert.Equal(
            ["the lease of kv/a ended at 2026-01-31 12:00:00Z"],
            Of(new SyncStatus(null, [], [], [Held]), isConnected: true, Lease(Now)).Problems);
    }

    private static Readiness Of(SyncStatus status, bool isConnected, params HeldLease[] leases) =>
        Readiness.Of(status, leases, isConnected, Now, Now);

    private static HeldLease Lease(DateTimeOffset end) => new("kv/a", "lease-1", Now.AddHours(-1), end, null, 0);
}
