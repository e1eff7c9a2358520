using System.Text;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests;

/// <summary>Requests as tests write them, and what answers say.</summary>
internal static class Requests
{
    public static PutSecretRequest Put(string path, params (string Name, string Value)[] fields) => new()
    {
        Path = path,
        Fields = { fields.Select(field => new NewField { Name = field.Name, Value = ByteString.CopyFromUtf8(field.Value) }) },
    };

    public static PutSecretRequest PutGenerated(string path, string field) => new()
    {
        Path = path,
        Fields = { new NewField { Name = field, Generate = new Generator() } },
    };

    public static SecretRequest Secret(string path, string leaseId = "", ulong held = 0) =>
        new() { Path = path, LeaseId = leaseId, HeldVersion = held };

    public static FetchRequest Fetch(params string[] paths) => new() { Secrets = { paths.Select(path => Secret(path)) } };

    public static FetchRequest Fetch(SecretRequest secret) => new() { Secrets = { secret } };

    public static WatchRequest Watch(params string[] paths) => new() { Secrets = { paths.Select(path => Secret(path)) } };

    public static AcknowledgeRequest Applied(SecretUpdate update) => new()
    {
        Acknowledgements =
        {
            new Acknowledgement
            {
                LeaseId = update.Issued.Lease.Id,
                Version = update.Issued.Version,
                Outcome = Acknowledgement.Types.Outcome.Applied,
            },
        },
    };

    /// <summary>The value of the field, as text.</summary>
    public static string Text(this Issued issued, string field = "password") =>
        Encoding.UTF8.GetString(issued.Fields.Single(f => f.Name == field).Value.Span);

    /// <summary>The reason of the failure, as <c>google.rpc.ErrorInfo</c> has it.</summary>
    public static string Reason(this RpcException failure) =>
        failure.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason ?? "";

    /// <summary>How long the failure asks to wait.</summary>
    public static TimeSpan? RetryDelay(this RpcException failure) =>
        failure.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay.ToTimeSpan();

    /// <summary>The next message of the stream.</summary>
    public static async Task<WatchResponse> NextAsync(this AsyncServerStreamingCall<WatchResponse> watch)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        Assert.True(await watch.ResponseStream.MoveNext(patience.Token), "the stream has ended");
        return watch.ResponseStream.Current;
    }

    /// <summary>The only update of the next message of the stream.</summary>
    public static async Task<SecretUpdate> NextUpdateAsync(this AsyncServerStreamingCall<WatchResponse> watch) =>
        Assert.Single((await watch.NextAsync()).Updates);
}
