using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using SidecarAgent.Ctl.Tests.FakeBroker;

namespace SidecarAgent.Ctl.Tests;

/// <summary>No command prints a secret value unless it is told to reveal, whatever the broker sends.</summary>
public sealed class SecrecyTests : IAsyncLifetime
{
    private static readonly string[] Commands =
    [
        "secret put kv/a password=VALUE",
        "secret put kv/a password=@FILE",
        "secret put kv/a password=-",
        "secret put kv/a password=- --inactive --identifier password",
        "secret put kv/a password=VALUE --expect-version 1",
        "secret list",
        "secret versions kv/a",
        "secret show kv/a",
        "secret show kv/a@2",
        "secret activate kv/a 2",
        "rotate kv/a",
        "holders kv/a",
        "revoke --workload shop/orders",
        "cut-off list",
        "cut-off lift x",
        "policy explain --as shop/orders kv/a",
        "version",

        // Slips of the hand, with a value among the words.
        "put kv/a password=VALUE",
        "secret putt kv/a password=VALUE",
        "secret put kv/a VALUE",
        "secret put kv/a =VALUE",
        "secret put kv/a VALUE=",
        "secret put VALUE",
        "secret put kv/a password VALUE",
        "secret put kv/a --password=VALUE",
        "secret put kv/a password=VALUE password=VALUE",
        "secret put kv/a password=VALUE --identifier VALUE",
        "secret put kv/a password=VALUE --generate VALUE",
        "secret put kv/a password=VALUE --expect-version VALUE",
        "secret put kv/a password=VALUE --broker VALUE",
        "secret list kv/ VALUE",
        "completion VALUE",
        "secret show kv/a VALUE",
        "secret activate kv/a VALUE",
        "secret activate kv/a 1 VALUE",
        "rotate kv/a VALUE",
        "rotate kv/a --password=VALUE",
        "holders kv/a password=VALUE",
        "revoke --workload VALUE",
        "cut-off lift a VALUE",
        "policy explain --as VALUE kv/a",
    ];

    private Operator _operator = null!;

    public static TheoryData<string> All => [.. Commands];

    public async Task InitializeAsync() => _operator = await Operator.CreateAsync();

    public Task DisposeAsync() => _operator.DisposeAsync().AsTask();

    [Theory]
    [MemberData(nameof(All))]
    public async Task Nothing_prints_a_secret_value(string command)
    {
        var file = _operator.Directory.Write("value", Recorded.SecretValue);
        var arguments = command.Split(' ')
            .Select(word => word.Replace("VALUE", Recorded.SecretValue, StringComparison.Ordinal))
            .Select(word => word.Replace("FILE", file, StringComparison.Ordinal))
            .ToArray();

        foreach (var failure in (RpcException?[])[null, Broken])
        {
            _operator.Broker.Failure = failure;
            foreach (var width in (int?[])[null, 120])
            {
                foreach (var format in (string[])["table", "json", "yaml"])
                {
                    _operator.Surroundings = _operator.Surroundings with
                    {
                        Input = Operator.Bare(Recorded.SecretValue).Input,
                        TerminalWidth = width,
                    };
                    var run = await _operator.RunAsync([.. arguments, "--output", format]);
                    Assert.NotEqual("", run.Output + run.Error);
                    Assert.All(Recorded.FormsOfSecretValue, form => Assert.DoesNotContain(form, run.Output + run.Error));
                }
            }
        }
    }

    private static RpcException Broken => new Google.Rpc.Status
    {
        Code = (int)Code.Internal,
        Message = "it broke",
        Details = { Any.Pack(new ErrorInfo { Reason = "BROKEN", Domain = "sidecar-agent.io" }) },
    }.ToRpcException();
}
