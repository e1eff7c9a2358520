using Google.Protobuf;
using SidecarAgent.Ctl.Tests.FakeBroker;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Tests.Secrets;

/// <summary><c>secret list</c>, <c>versions</c>, <c>show</c> and <c>activate</c>.</summary>
public sealed class SecretReadingCommandsTests : IAsyncLifetime
{
    private Operator _operator = null!;

    public async Task InitializeAsync() => _operator = await Operator.CreateAsync();

    public Task DisposeAsync() => _operator.DisposeAsync().AsTask();

    [Fact]
    public async Task The_list_is_a_plain_table_in_a_pipe()
    {
        var run = await _operator.RunAsync("secret", "list", "kv/");

        Assert.Equal(
            """
            PATH            ACTIVE  NEWEST  ACTIVATED             HOLDERS
            kv/shop/api     none    1       -                     0
            kv/shop/orders  2       3       2026-11-22 21:50:52Z  2

            """,
            run.MustSucceed().Output);
        Assert.Equal("kv/", _operator.Broker.Only<ListSecretsRequest>().Prefix);
    }

    [Fact]
    public async Task The_list_is_a_document_with_exact_times()
    {
        var run = await _operator.RunAsync("secret", "list", "--output", "json");

        var orders = run.MustSucceed().Json[1]!;
        Assert.Equal("kv/shop/orders", (string?)orders["path"]);
        Assert.Equal("2026-11-22T21:50:52.250Z", (string?)orders["activatedAt"]);
        Assert.Null(run.Json[0]!["activatedAt"]);
    }

    [Fact]
    public async Task All_pages_of_the_list_are_read()
    {
        _operator.Broker.Answer(
            new ListSecretsResponse { Secrets = { new SecretSummary { Path = "kv/a" } }, NextPageToken = "kv/a" },
            new ListSecretsResponse { Secrets = { new SecretSummary { Path = "kv/b" } } });

        var run = await _operator.RunAsync("secret", "list", "-o", "json");

        Assert.Equal(["kv/a", "kv/b"], run.MustSucceed().Json.AsArray().Select(s => (string?)s!["path"]));
        Assert.Equal(["", "kv/a"], _operator.Broker.All<ListSecretsRequest>().Select(r => r.PageToken));
    }

    [Fact]
    public async Task A_broker_that_repeats_a_page_does_not_hold_the_command_for_ever()
    {
        _operator.Broker.Answer(new ListSecretsResponse { NextPageToken = "again" });

        (await _operator.RunAsync("secret", "list")).MustFail(1, "the same page twice");
    }

    [Fact]
    public async Task An_empty_list_says_so_beside_the_output()
    {
        _operator.Broker.Answer(new ListSecretsResponse());

        var run = await _operator.RunAsync("secret", "list");

        Assert.Equal((0, "", "There are no such secrets.\n"), (run.Code, run.Output, run.Error));
    }

    [Fact]
    public async Task Versions_name_their_fields_and_makers()
    {
        var run = await _operator.RunAsync("secret", "versions", "kv/shop/orders");

        Assert.Equal("VERSION  ACTIVE  CREATED               BY                               FIELDS", run.MustSucceed().Lines[0]);
        Assert.Equal(
            "3        no      2026-11-22 21:50:52Z  system:serviceaccount:ops:alice  password (secret, generated), username (identifier)",
            run.Lines[1]);
    }

    [Fact]
    public async Task Versions_are_a_document_too()
    {
        var run = await _operator.RunAsync("secret", "versions", "kv/shop/orders", "-o", "json");

        var version = run.MustSucceed().Json[1]!;
        Assert.True((bool?)version["active"]);
        Assert.Equal("local", (string?)version["createdBy"]);
        Assert.Equal("""{"name":"password","class":"secret","generated":true}""", version["fields"]![0]!.ToJsonString());
    }

    [Theory]
    [InlineData("kv/shop/orders", 0)]
    [InlineData("kv/shop/orders@12", 12)]
    public async Task Show_asks_for_the_active_version_or_the_named_one(string typed, ulong version)
    {
        await _operator.RunAsync("secret", "show", typed);

        Assert.Equal(
            new GetSecretRequest { Path = "kv/shop/orders", Version = version }, _operator.Broker.Only<GetSecretRequest>());
    }

    [Fact]
    public async Task Show_hides_what_is_not_an_identifier()
    {
        var run = await _operator.RunAsync("secret", "show", "kv/shop/orders");

        Assert.Equal(
            """
            kv/shop/orders, version 2
            FIELD         CLASS       VALUE   NOTE
            password      secret      ***     --reveal shows it
            unclassified  secret      ***     --reveal shows it
            username      identifier  orders

            """,
            run.MustSucceed().Output);
    }

    [Theory]
    [InlineData("table")]
    [InlineData("json")]
    [InlineData("yaml")]
    public async Task Show_reveals_when_asked_to(string format)
    {
        var run = await _operator.RunAsync("secret", "show", "kv/shop/orders", "--reveal", "-o", format);

        Assert.Contains(Recorded.SecretValue, run.MustSucceed().Output);
        Assert.True(_operator.Broker.Only<GetSecretRequest>().Reveal);
    }

    [Fact]
    public async Task A_value_that_is_no_text_is_shown_in_base64_and_says_so()
    {
        Hold(ByteString.CopyFrom(0xFF, 0x00));

        var json = await _operator.RunAsync("secret", "show", "kv/a", "--reveal", "-o", "json");
        var table = await _operator.RunAsync("secret", "show", "kv/a", "--reveal");

        Assert.Equal("""{"name":"key","class":"secret","value":"/wA=","encoding":"base64"}""", json.Json["fields"]![0]!.ToJsonString());
        Assert.Contains("/wA=   base64: the value is not text", table.Output);
    }

    [Fact]
    public async Task A_value_of_several_lines_survives_each_form()
    {
        const string Pem = "-----BEGIN\n\u001b[31mred\n-----END\n";
        Hold(ByteString.CopyFromUtf8(Pem));

        var json = await _operator.RunAsync("secret", "show", "kv/a", "--reveal", "-o", "json");
        var yaml = await _operator.RunAsync("secret", "show", "kv/a", "--reveal", "-o", "yaml");
        var table = await _operator.RunAsync("secret", "show", "kv/a", "--reveal");

        Assert.Equal(Pem, (string?)json.Json["fields"]![0]!["value"]);
        var field = (Dictionary<object, object>)((List<object>)((Dictionary<object, object>)yaml.Yaml)["fields"])[0];
        Assert.Equal(Pem, field["value"]);
        Assert.Contains(ByteString.CopyFromUtf8(Pem).ToBase64(), table.Output);
        Assert.DoesNotContain('\u001b', json.Output + yaml.Output + table.Output);
    }

    [Fact]
    public async Task Activate_says_what_was_served_before()
    {
        var run = await _operator.RunAsync("secret", "activate", "kv/shop/orders", "2");

        Assert.Equal("kv/shop/orders: version 2 is served now, it was version 3\n", run.MustSucceed().Output);
        Assert.Equal(
            new ActivateVersionRequest { Path = "kv/shop/orders", Version = 2 }, _operator.Broker.Only<ActivateVersionRequest>());
    }

    [Theory]
    [InlineData(0, "kv/a: version 2 is served now\n")]
    [InlineData(2, "kv/a: version 2 is served, as it was before\n")]
    public async Task Activate_says_when_nothing_was_served_before_or_nothing_changed(ulong previous, string expected)
    {
        _operator.Broker.Answer(new ActivateVersionResponse { PreviousVersion = previous });

        Assert.Equal(expected, (await _operator.RunAsync("secret", "activate", "kv/a", "2")).MustSucceed().Output);
    }

    private void Hold(ByteString value) =>
        _operator.Broker.Answer(new GetSecretResponse
        {
            Version = 1,
            Active = true,
            Fields = { new Field { Name = "key", Class = FieldClass.Secret, Value = value } },
        });
}
