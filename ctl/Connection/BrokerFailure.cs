using System.Net.Sockets;
using System.Security.Authentication;
using Google.Rpc;
using Grpc.Core;
using SidecarAgent.Ctl.Output;

namespace SidecarAgent.Ctl.Connection;

/// <summary>Turns what the broker (or the way to it) answered into the line that an operator reads.</summary>
internal static class BrokerFailure
{
    private const string Domain = "sidecar-agent.io";
    private const int MaxMessage = 1024;

    public static CommandFailedException Explain(RpcException failure, BrokerSettings settings)
    {
        var info = failure.GetRpcStatus()?.GetDetail<ErrorInfo>();
        return info is { Domain: Domain }
            ? Named(failure, info)
            : Unnamed(failure, settings);
    }

    /// <summary>The broker says by name what is wrong; the advice is ours, because it knows the commands.</summary>
    private static CommandFailedException Named(RpcException failure, ErrorInfo info)
    {
        var path = info.Metadata.TryGetValue("path", out var named) && named.Length > 0 ? Printable.Line(named, 256) : "PATH";
        var (code, advice) = info.Reason switch
        {
            "NOT_AN_ADMIN" => (ExitCode.Denied, "have your token's subject listed under 'admins' in the broker's configuration"),
            "TOKEN_MISSING" => (ExitCode.Denied, "give --token-file FILE"),
            "TOKEN_EXPIRED" => (ExitCode.Denied, "get a fresh token"),
            "TOKEN_INVALID" => (ExitCode.Denied, "get a token from an issuer and for an audience that the broker accepts"),
            "REQUEST_INVALID" => (ExitCode.Usage, "nothing was done"),
            "SECRET_NOT_FOUND" => (ExitCode.Failed, "'sidecarctl secret list' shows what there is"),
            "VERSION_NOT_FOUND" => (ExitCode.Failed, $"'sidecarctl secret versions {path}' shows what there is"),
            "CUT_OFF_NOT_FOUND" => (ExitCode.Failed, "'sidecarctl cut-off list' shows what there is"),
            "LEASE_NOT_FOUND" => (ExitCode.Failed, "'sidecarctl lease list' shows what there is, with --irrevocable what could not be dropped"),
            "VERSION_MISMATCH" => (ExitCode.Failed,
                $"look at 'sidecarctl secret versions {path}', then put again"),
            "VERSION_DELETED" => (ExitCode.Failed, $"'sidecarctl secret versions {path}' shows what there is"),
            "VERSION_IN_USE" => (ExitCode.Failed, $"nothing was deleted; see --active, and 'sidecarctl rotation show {path}'"),
            "NOTHING_TO_ROTATE" => (ExitCode.Failed, "see 'sidecarctl secret put --help'"),
            "ROTATION_NOT_FOUND" => (ExitCode.Failed, "'sidecarctl rotation list --ended' shows what there is and was"),
            "ROTATION_CANNOT_CHANGE" => (ExitCode.Failed, $"'sidecarctl rotation show {path}' says how it stands"),
            "KEY_NOT_ROTATED" => (ExitCode.Failed, "nothing was changed"),
            "REWRAP_RUNNING" => (ExitCode.Failed, "'sidecarctl key status' shows how much there is left to do"),
            "KEY_UNAVAILABLE" => (ExitCode.Failed, "'sidecarctl key status' shows which key service is away"),
            "AUDIT_UNAVAILABLE" or "STORAGE_UNAVAILABLE" => (ExitCode.Failed, "the broker's log says why"),
            "ISSUER_UNAVAILABLE" => (ExitCode.Failed, "it cannot check your token now; its log says why"),
            "TOO_MANY_REQUESTS" => (ExitCode.Failed, "nothing was done; try again in a while"),
            "STOPPING" => (ExitCode.NotReached, "try again when it is back"),
            _ => (CodeOf(failure.StatusCode), "the broker's log says more"),
        };
        return new CommandFailedException(code, $"{Sentence(failure)}; {advice}", failure);
    }

    private static CommandFailedException Unnamed(RpcException failure, BrokerSettings settings)
    {
        var (code, message) = failure.StatusCode switch
        {
            StatusCode.Unavailable or StatusCode.Internal when Causes(failure).Any() => NotConnected(failure, settings),
            StatusCode.DeadlineExceeded => (ExitCode.NotReached,
                $"the broker at {settings.Address} did not answer within {Durations.Text(settings.Timeout)}; "
                + "if this was to change something, look whether it did before you try again"),
            StatusCode.Cancelled => (ExitCode.Failed,
                "interrupted; if this was to change something, look whether it did before you try again"),
            StatusCode.Unimplemented => (ExitCode.Failed,
                $"what answers at {settings.Address} does not know this call: it is an older broker, or no broker at all"),
            var status => (CodeOf(status), $"{Sentence(failure)}; the broker's log says more"),
        };
        return new CommandFailedException(code, message, failure);
    }

    private static (ExitCode Code, string Message) NotConnected(RpcException failure, BrokerSettings settings)
    {
        var at = settings.Address;
        if (Causes(failure).OfType<AuthenticationException>().FirstOrDefault() is { } tls)
        {
            return (ExitCode.NotReached, $"no TLS with the broker at {at}: {tls.Message.TrimEnd('.')}; "
                + "check --ca-file, and that the certificate names the host");
        }

        return Causes(failure).OfType<SocketException>().FirstOrDefault()?.SocketErrorCode switch
        {
            SocketError.AccessDenied when at is BrokerAddress.LocalSocket => (ExitCode.Denied,
                $"you may not open the broker's socket {at}; its file permissions say who may"),
            _ when at is BrokerAddress.LocalSocket socket && !Path.Exists(socket.Path) => (ExitCode.NotReached,
                $"there is no socket {at}; is the broker running here? --broker says where else it is"),
            SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => (ExitCode.NotReached,
                $"the host of {at} has no address; check --broker"),
            SocketError.ConnectionRefused => (ExitCode.NotReached,
                $"nothing listens at {at}; is the broker running? --broker says where it is"),
            _ => (ExitCode.NotReached,
                $"the broker at {at} was not reached: {Causes(failure).Last().Message.TrimEnd('.')}; check --broker, and the broker's log"),
        };
    }

    private static ExitCode CodeOf(StatusCode status) => status switch
    {
        StatusCode.PermissionDenied or StatusCode.Unauthenticated => ExitCode.Denied,
        StatusCode.InvalidArgument => ExitCode.Usage,
        StatusCode.Unavailable => ExitCode.NotReached,
        _ => ExitCode.Failed,
    };

    private static string Sentence(RpcException failure) =>
        failure.Status.Detail is { Length: > 0 } detail
            ? Printable.Line(detail, MaxMessage).TrimEnd('.')
            : $"the broker answered {failure.StatusCode}";

    /// <summary>Why the call never got an answer, outermost first; empty if the broker did answer.</summary>
    private static IEnumerable<Exception> Causes(RpcException failure)
    {
        for (var cause = failure.Status.DebugException; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
