using System.Text;
using Google.Protobuf;
using Grpc.Core;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

public abstract class BrokerAdminTests(TestStore store) : IAsyncLifetime
{
    private RunningBroker _broker = null!;
    private BrokerAdmin.BrokerAdminClient _admin = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync(store: store);
        _admin = _broker.Admin;
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Version_numbers_grow_from_one()
    {
        for (var expected = 1UL; expected <= 3; expected++)
            Assert.Equal(expected, (await _admin.PutSecretAsync(Requests.Put("kv/a", ("k", "v")))).Version);
    }

    [Fact]
    public async Task Check_and_set_refuses_what_was_made_for_another_version()
    {
        var first = Requests.Put("kv/a", ("k", "v"));
        first.ExpectedVersion = 0;
        await _admin.PutSecretAsync(first);

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await _admin.PutSecretAsync(first));

        Assert.Equal((StatusCode.FailedPrecondition, "VERSION_MISMATCH"), (failure.StatusCode, failure.Reason()));
        first.ExpectedVersion = 1;
        Assert.Equal(2UL, (await _admin.PutSecretAsync(first)).Version);
    }

    [Fact]
    public async Task Nobody_holds_a_secret_is_not_said_of_one_that_does_not_exist()
    {
        await _admin.PutSecretAsync(Requests.Put("kv/a", ("k", "v")));
        Assert.Empty((await _admin.ListHoldersAsync(new ListHoldersRequest { Path = "kv/a" })).Holders);

        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await _admin.ListHoldersAsync(new ListHoldersRequest { Path = "kv/aa" }));

        Assert.Equal((StatusCode.NotFound, "SECRET_NOT_FOUND"), (failure.StatusCode, failure.Reason()));
    }

    [Fact]
    public async Task Of_many_concurrent_puts_each_gets_a_number_of_its_own()
    {
        var puts = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            async n => await _admin.PutSecretAsync(Requests.Put("kv/a", ("k", $"{n}")))));

        Assert.Equal(Enumerable.Range(1, 20).Select(n => (ulong)n), puts.Select(put => put.Version).Order());
    }

    [Fact]
    public async Task A_rotation_makes_fresh_generated_values_and_keeps_the_others()
    {
        var put = Requests.PutGenerated("kv/shop/db", "password");
        put.Fields[0].Generate.Length = 40;
        put.Fields.Add(new NewField { Name = "user", Class = FieldClass.Identifier, Value = ByteString.CopyFromUtf8("orders") });
        await _admin.PutSecretAsync(put);
        var before = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued;

        var rotated = await _admin.RotateSecretAsync(new RotateSecretRequest { Path = "kv/shop/db" });
        var after = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued;

        Assert.Equal((2UL, 1U), (rotated.Rotation.ToVersion, rotated.Rotation.Holders));
        Assert.Equal(40, after.Text().Length);
        Assert.NotEqual(before.Text(), after.Text());
        Assert.Equal("orders", after.Text("user"));
    }

    [Fact]
    public async Task What_has_no_generated_field_cannot_be_rotated()
    {
        await _admin.PutSecretAsync(Requests.Put("kv/a", ("k", "v")));

        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await _admin.RotateSecretAsync(new RotateSecretRequest { Path = "kv/a" }));

        Assert.Equal((StatusCode.FailedPrecondition, "NOTHING_TO_ROTATE"), (failure.StatusCode, failure.Reason()));
    }

    [Fact]
    public async Task Identifiers_are_shown_and_secrets_only_when_revealed()
    {
        var put = Requests.Put("kv/a", ("password", "hunter2"), ("user", "orders"));
        put.Fields[1].Class = FieldClass.Identifier;
        await _admin.PutSecretAsync(put);

        var shown = await _admin.GetSecretAsync(new GetSecretRequest { Path = "kv/a" });
        var revealed = await _admin.GetSecretAsync(new GetSecretRequest { Path = "kv/a", Version = 1, Reveal = true });

        Assert.Equal(["", "orders"], shown.Fields.Select(Text));
        Assert.Equal(["hunter2", "orders"], revealed.Fields.Select(Text));
        Assert.Contains("reveal", _broker.AuditLog, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", _broker.AuditLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_are_listed_newest_first_without_values()
    {
        await _admin.PutSecretAsync(Requests.PutGenerated("kv/a", "k"));
        var inactive = Requests.Put("kv/a", ("k", "v"));
        inactive.Inactive = true;
        await _admin.PutSecretAsync(inactive);

        var versions = (await _admin.ListVersionsAsync(new ListVersionsRequest { Path = "kv/a" })).Versions;

        Assert.Equal([2UL, 1UL], versions.Select(version => version.Version));
        Assert.Equal([false, true], versions.Select(version => version.Active));
        Assert.Equal([false, true], versions.Select(version => version.Fields.Single().Generated));
        Assert.All(versions, version => Assert.Equal(RunningBroker.LocalOperator, version.CreatedBy));
    }

    [Fact]
    public async Task Secrets_are_listed_page_by_page()
    {
        foreach (var name in new[] { "kv/b/2", "kv/a", "kv/b/1", "kv/b/3" })
            await _admin.PutSecretAsync(Requests.Put(name, ("k", "v")));

        var first = await _admin.ListSecretsAsync(new ListSecretsRequest { Prefix = "kv/b/", PageSize = 2 });
        var second = await _admin.ListSecretsAsync(
            new ListSecretsRequest { Prefix = "kv/b/", PageSize = 2, PageToken = first.NextPageToken });

        Assert.Equal(["kv/b/1", "kv/b/2"], first.Secrets.Select(secret => secret.Path));
        Assert.Equal(["kv/b/3"], second.Secrets.Select(secret => secret.Path));
        Assert.Equal("", second.NextPageToken);
    }

    [Fact]
    public async Task Activating_says_what_was_active_before()
    {
        await _admin.PutSecretAsync(Requests.Put("kv/a", ("k", "1")));
        await _admin.PutSecretAsync(Requests.Put("kv/a", ("k", "2")));

        var back = await _admin.ActivateVersionAsync(new ActivateVersionRequest { Path = "kv/a", Version = 1 });

        Assert.Equal(2UL, back.PreviousVersion);
    }

    [Fact]
    public async Task The_largest_secret_that_is_allowed_can_be_put_and_fetched()
    {
        var put = new PutSecretRequest { Path = "kv/shop/large" };
        for (var i = 0; i < 64; i++)
            put.Fields.Add(new NewField { Name = $"{i:D64}", Value = ByteString.CopyFrom(new byte[4096]) });
        await _admin.PutSecretAsync(put);

        var issued = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/large"))).Updates.Single().Issued;

        Assert.Equal(256 * 1024, issued.Fields.Sum(field => field.Value.Length));
    }

    [Fact]
    public async Task An_operator_with_a_token_may_call_over_TLS_and_is_named_in_what_it_makes()
    {
        var admin = _broker.AdminOverTls(_broker.Issuer.Token("ops", "admin"));

        await admin.PutSecretAsync(Requests.Put("kv/a", ("k", "v")));
        var versions = (await admin.ListVersionsAsync(new ListVersionsRequest { Path = "kv/a" })).Versions;

        Assert.Equal("system:serviceaccount:ops:admin", versions.Single().CreatedBy);
    }

    [Fact]
    public async Task A_workload_is_no_operator_and_its_attempt_is_audited()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
            await _broker.AdminOverTls(_broker.Issuer.Token()).ListSecretsAsync(new ListSecretsRequest()));

        Assert.Equal((StatusCode.PermissionDenied, "NOT_AN_ADMIN"), (failure.StatusCode, failure.Reason()));
        Assert.Contains("authenticate", _broker.AuditLog, StringComparison.Ordinal);
    }

    private static string Text(Field field) => Encoding.UTF8.GetString(field.Value.Span);
}

public sealed class SqliteBrokerAdminTests() : BrokerAdminTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresBrokerAdminTests(PostgresFixture server) : BrokerAdminTests(new PostgresTestStore(server));
