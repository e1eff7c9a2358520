using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using SidecarAgent.Ctl.Connection;

namespace SidecarAgent.Ctl.Tests.Connection;

public sealed class BrokerFailureTests
{
    private static readonly BrokerSettings Settings =
        new(new BrokerAddress.LocalSocket("/proc/self/exe"), null, null, TimeSpan.FromSeconds(30));

    [Theory]
    [InlineData(StatusCode.PermissionDenied, "NOT_AN_ADMIN", 3, "have your token's subject listed under 'admins'")]
    [InlineData(StatusCode.Unauthenticated, "TOKEN_MISSING", 3, "give --token-file FILE")]
    [InlineData(StatusCode.Unauthenticated, "TOKEN_EXPIRED", 3, "get a fresh token")]
    [InlineData(StatusCode.Unauthenticated, "TOKEN_INVALID", 3, "get a token from an issuer and for an audience")]
    [InlineData(StatusCode.InvalidArgument, "REQUEST_INVALID", 2, "nothing was done")]
    [InlineData(StatusCode.NotFound, "SECRET_NOT_FOUND", 1, "'sidecarctl secret list' shows")]
    [InlineData(StatusCode.NotFound, "VERSION_NOT_FOUND", 1, "'sidecarctl secret versions kv/shop/orders' shows")]
    [InlineData(StatusCode.NotFound, "CUT_OFF_NOT_FOUND", 1, "'sidecarctl cut-off list' shows")]
    [InlineData(StatusCode.NotFound, "ROTATION_NOT_FOUND", 1, "'sidecarctl rotation list --ended' shows")]
    [InlineData(StatusCode.FailedPrecondition, "VERSION_MISMATCH", 1, "then put again")]
    [InlineData(StatusCode.FailedPrecondition, "NOTHING_TO_ROTATE", 1, "see 'sidecarctl secret put --help'")]
    [InlineData(StatusCode.Unavailable, "AUDIT_UNAVAILABLE", 1, "the broker's log says why")]
    [InlineData(StatusCode.Unavailable, "STORAGE_UNAVAILABLE", 1, "the broker's log says why")]
    [InlineData(StatusCode.Unavailable, "ISSUER_UNAVAILABLE", 1, "it cannot check your token now")]
    [InlineData(StatusCode.ResourceExhausted, "TOO_MANY_REQUESTS", 1, "try again in a while")]
    [InlineData(StatusCode.Unavailable, "STOPPING", 4, "try again when it is back")]
    [InlineData(StatusCode.Unavailable, "SOMETHING_NEW", 4, "the broker's log says more")]
    [InlineData(StatusCode.PermissionDenied, "SOMETHING_NEW", 3, "the broker's log says more")]
    public void A_named_failure_says_what_and_what_to_do(StatusCode status, string reason, int code, string advice)
    {
        var failure = BrokerFailure.Explain(Named(status, reason, "what the broker says."), Settings);

        Assert.Equal(code, (int)failure.Code);
        Assert.StartsWith("what the broker says; ", failure.Message);
        Assert.Contains(advice, failure.Message);
    }

    [Theory]
    [InlineData(StatusCode.PermissionDenied, 3)]
    [InlineData(StatusCode.Unauthenticated, 3)]
    [InlineData(StatusCode.InvalidArgument, 2)]
    [InlineData(StatusCode.Unavailable, 4)]
    [InlineData(StatusCode.DeadlineExceeded, 4)]
    [InlineData(StatusCode.Internal, 1)]
    [InlineData(StatusCode.Unknown, 1)]
    [InlineData(StatusCode.Unimplemented, 1)]
    [InlineData(StatusCode.Cancelled, 1)]
    public void A_failure_without_a_name_goes_by_its_status(StatusCode status, int code) =>
        Assert.Equal(code, (int)BrokerFailure.Explain(new RpcException(new Grpc.Core.Status(status, "no")), Settings).Code);

    [Fact]
    public void A_name_from_another_domain_is_not_ours()
    {
        var failure = BrokerFailure.Explain(Named(StatusCode.Internal, "NOT_AN_ADMIN", "no", domain: "proxy.example"), Settings);

        Assert.Equal(ExitCode.Failed, failure.Code);
    }

    [Fact]
    public void A_socket_that_one_may_not_open_is_a_denial()
    {
        var cause = new HttpRequestException("no", new SocketException((int)SocketError.AccessDenied));
        var status = new Grpc.Core.Status(StatusCode.Unavailable, "no", cause);

        var failure = BrokerFailure.Explain(new RpcException(status), Settings);

        Assert.Equal(ExitCode.Denied, failure.Code);
        Assert.Contains("file permissions", failure.Message);
    }

    [Fact]
    public void What_the_broker_says_cannot_move_the_cursor_or_fill_the_screen()
    {
        var failure = BrokerFailure.Explain(
            Named(StatusCode.Internal, "X", "a\u001b[2J\r\nb\u202e" + new string('x', 5000)), Settings);

        Assert.StartsWith("a\\u001B[2J\\u000D\\u000Ab\\u202E", failure.Message);
        Assert.True(failure.Message.Length < 1200);
    }

    private static RpcException Named(StatusCode status, string reason, string message, string domain = "sidecar-agent.io") =>
        new Google.Rpc.Status
        {
            Code = (int)status,
            Message = message,
            Details = { Any.Pack(new ErrorInfo { Reason = reason, Domain = domain, Metadata = { ["path"] = "kv/shop/orders" } }) },
        }.ToRpcException();
}
