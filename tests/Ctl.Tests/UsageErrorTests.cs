namespace SidecarAgent.Ctl.Tests;

public sealed class UsageErrorTests
{
    public static TheoryData<string, string> Mistakes => new()
    {
        { "", "say what to do: secret, rotate, taint, rotation, holders" },
        { "secret", "say what to do: put, list, versions, show, activate" },
        { "secert list", "unknown command 'secert' (did you mean 'secret'?); see 'sidecarctl --help'" },
        { "secret lst", "unknown command 'lst' (did you mean 'list'?); see 'sidecarctl secret --help'" },
        { "secret list a b", "there is an argument too many" },
        { "secret list --outptu json", "unknown option '--outptu' (did you mean '--output'?)" },
        { "secret list --output xml", "sidecarctl: --output: one of 'table', 'json', 'yaml' is expected; see 'sidecarctl secret list --help'" },
        { "secret list --timeout 5", "a duration from 1s to 1h is expected" },
        { "secret list --timeout 2h", "a duration from 1s to 1h is expected" },
        { "secret list --broker http://broker:8443", "unix:///PATH/TO/SOCKET or https://HOST:PORT" },
        { "secret list --broker unix://relative", "unix:///PATH/TO/SOCKET or https://HOST:PORT" },
        { "secret list --broker https://broker:8443/path", "unix:///PATH/TO/SOCKET or https://HOST:PORT" },
        { "secret list --broker https://user@broker:8443", "unix:///PATH/TO/SOCKET or https://HOST:PORT" },
        { "secret list --broker https://broker:8443", "--token-file FILE, or set SIDECARCTL_TOKEN_FILE" },
        { "secret put", "'PATH' missing" },
        { "secret put kv", "a path is a mount and a name" },
        { "secret put kv/../x a=-", "no '.' or '..' segments" },
        { "secret put kv/a", "a version has 1 to 64 fields, got 0" },
        { "secret put kv/a hunter2", "field 1 on the command line is not NAME=VALUE" },
        { "secret put kv/a a=- hunter2", "field 2 on the command line is not NAME=VALUE" },
        { "secret put kv/a =hunter2", "field 1 on the command line is not NAME=VALUE" },
        { "secret put kv/a --paswword=hunter2", "unknown option '--paswword'" },
        { "secret put kv/a hunter2/x=1", "field 1 on the command line: a field's name holds only" },
        { "secret put kv/a a=", "field 1 on the command line has nothing after its '='" },
        { "secret put kv/a a=@", "the field 'a' has '@' and no file's name" },
        { "secret put kv/a a=hunter2 a=-", "the field 'a' is given twice" },
        { "secret put kv/a a=- b=-", "only one field can come from standard input" },
        { "secret put kv/a a=- --identifier b", "--identifier names a field that is not given" },
        { "secret put kv/a a=- --generate a", "the field 'a' is given twice" },
        { "secret put kv/a --generate a=15", "--generate a: a generated value has 16 to 1024 characters, got 15" },
        { "secret put kv/a --generate a=1025", "--generate a: a generated value has 16 to 1024 characters, got 1025" },
        { "secret put kv/a --generate a=x", "--generate takes NAME, NAME=LENGTH" },
        { "secret put kv/a --generate a --alphabet aa", "--generate a: an alphabet holds each character only once" },
        { "secret put kv/a --generate a --alphabet ä1", "--generate a: an alphabet holds only printable ASCII characters" },
        { "secret put kv/a a=- --alphabet abc", "--alphabet and --at-least are for fields that the broker makes" },
        { "secret put kv/a a=- --expect-version -1", "a version is a whole number from 0 on" },
        { "secret put kv/a --generate a --rotate-cron daily", "a cron expression has five fields" },
        { "rotation set kv/a --cron 0", "a cron expression has five fields" },
        { "secret activate kv/a", "'VERSION' missing" },
        { "secret activate kv/a 0", "a version is a whole number from 1 on" },
        { "secret show kv/a@", "after '@' stands the number of a version" },
        { "secret show kv/a@0", "after '@' stands the number of a version" },
        { "secret show a", "a path is a mount and a name" },
        { "rotate", "'PATH' missing" },
        { "rotate /kv/a", "no empty segments" },
        { "holders", "'PATH' missing" },
        { "revoke", "exactly one of --workload, --pod, --node, --secret, --namespace and --all" },
        { "revoke --node a --namespace b", "exactly one of --workload" },
        { "revoke --all", "add --yes" },
        { "revoke --workload orders", "a name and its namespace are expected" },
        { "revoke --workload shop/orders/x", "a name and its namespace are expected" },
        { "revoke --pod Shop/orders", "a name and its namespace are expected" },
        { "revoke --node -x", "a name is expected" },
        { "revoke --node a..b", "a name is expected" },
        { "revoke --namespace a.b", "the name of a namespace is expected" },
        { "revoke --secret x", "a path is a mount and a name" },
        { "cut-off", "say what to do: list, lift" },
        { "cut-off lift", "'ID' missing" },
        { "policy explain kv/a", "'--as' is required" },
        { "policy explain --as shop kv/a", "a name and its namespace are expected" },
        { "audit verify", "'FILE' missing" },
        { "audit verify EMPTY", "FILE needs a name" },
        { "secret list --ca-file EMPTY", "--ca-file needs a name" },
        { "secret list --token-file EMPTY", "--token-file needs a name" },
        { "dev token a/b --key-dir EMPTY", "--key-dir needs a name" },
        { "dev certificate --host a --out EMPTY", "--out needs a name" },
        { $"secret list --broker unix:///{new string('x', 107)}", "the path of a socket has at most 107 bytes" },
        { "dev token", "missing" },
        { "dev token shop", "a name and its namespace are expected" },
        { "dev token shop/orders --node n", "they need --pod" },
        { "dev token shop/orders --pod-uid u", "they need --pod" },
        { "dev token shop/orders --pod p --pod-uid UID", "a name is expected" },
        { "dev token shop/orders --expires 0s", "a duration from 1s to 7d is expected" },
        { "dev token shop/orders", "there is no home directory" },
        { "dev certificate --out /tmp/x", "'--host' is required" },
        { "dev certificate --host a", "'--out' is required" },
        { "dev certificate --host a_b --out /tmp/x", "--host takes a name" },
        { "completion", "'SHELL' missing" },
        { "completion tcsh", "sidecarctl: one of 'bash', 'zsh', 'fish' is expected; see 'sidecarctl completion --help'" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_ends_with_2_and_one_line_that_repeats_no_value(string typed, string saying)
    {
        var run = await Operator.RunAsync(
            Operator.Bare(),
            [.. typed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word == "EMPTY" ? "" : word)]);

        run.MustFail(2, saying);
        Assert.DoesNotContain("hunter2", run.Error);
    }

    [Fact]
    public async Task A_variable_that_is_no_address_is_named()
    {
        var surroundings = Operator.Bare() with { Variable = name => name == "SIDECARCTL_BROKER" ? "broker" : null };

        (await Operator.RunAsync(surroundings, "secret", "list")).MustFail(2, "SIDECARCTL_BROKER cannot be used");
    }

    [Fact]
    public async Task A_reason_that_is_too_long_is_refused()
    {
        var run = await Operator.RunAsync(Operator.Bare(), "revoke", "--node", "a", "--reason", new string('x', 513));

        run.MustFail(2, "--reason has at most 512 characters");
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("secret put --help")]
    [InlineData("revoke -h")]
    public async Task Help_is_no_mistake(string typed)
    {
        var run = await Operator.RunAsync(Operator.Bare(), typed.Split(' '));

        Assert.Contains("Usage:", run.MustSucceed().Output);
    }
}
