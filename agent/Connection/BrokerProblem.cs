using System.Security.Authentication;
using Google.Rpc;
using Grpc.Core;
using RpcStatus = Google.Rpc.Status;

namespace SidecarAgent.Agent.Connection;

/// <summary>Why a call to the broker failed, in the terms of proto/sidecaragent/v1/broker.proto.</summary>
/// <param name="Code">The gRPC status.</param>
/// <param name="Reason">ErrorInfo.reason, such as TOKEN_EXPIRED; empty if the broker did not say, or was not reached.</param>
/// <param name="Sentence">For a log; never a value.</param>
/// <param name="RetryAfter">The delay that the broker asks for.</param>
/// <param name="WasReached">Whether it is the broker that says so.</param>
internal sealed record BrokerProblem(StatusCode Code, string Reason, string Sentence, TimeSpan? RetryAfter, bool WasReached)
{
    public const string TokenExpired = "TOKEN_EXPIRED";
    public const string TokenInvalid = "TOKEN_INVALID";

    private const string StatusDetails = "grpc-status-details-bin";
    private const int MaxSentence = 512;

    /// <summary>Whether the broker answered, and the answer is that it will not serve this workload.</summary>
    public bool IsDenial => (Code is StatusCode.Unauthenticated or StatusCode.PermissionDenied) && Reason != TokenExpired;

    /// <summary>Whether another token may help.</summary>
    public bool IsTokenRefused => Code is StatusCode.Unauthenticated && Reason is TokenExpired or TokenInvalid;

    /// <summary>Whether the same call can never work.</summary>
    public bool IsHopeless => Code is StatusCode.InvalidArgument or StatusCode.Unimplemented;

    public static BrokerProblem Of(RpcException error)
    {
        var reason = "";
        TimeSpan? retryAfter = null;
        if (error.Trailers.GetValueBytes(StatusDetails) is { } bytes)
        {
            foreach (var detail in RpcStatus.Parser.ParseFrom(bytes).Details)
            {
                if (detail.TypeUrl.EndsWith("/google.rpc.ErrorInfo", StringComparison.Ordinal))
                    reason = ErrorInfo.Parser.ParseFrom(detail.Value).Reason;
                else if (detail.TypeUrl.EndsWith("/google.rpc.RetryInfo", StringComparison.Ordinal))
                    retryAfter = RetryInfo.Parser.ParseFrom(detail.Value).RetryDelay?.ToTimeSpan();
            }
        }

        return new BrokerProblem(error.StatusCode, reason, Describe(error, reason), retryAfter, Cause(error) is null);
    }

    private static string Describe(RpcException error, string reason)
    {
        if (Cause(error) is AuthenticationException tls)
            return $"the broker's certificate is not trusted: {tls.Message}";
        if (Cause(error) is { } cause)
            return cause.Message;
        var detail = error.Status.Detail.Length <= MaxSentence ? error.Status.Detail : error.Status.Detail[..MaxSentence];
        return reason.Length == 0 ? $"{error.StatusCode}: {detail}" : $"{reason}: {detail}";
    }

    /// <summary>What went wrong below gRPC; null: the broker answered.</summary>
    private static Exception? Cause(RpcException error)
    {
        var cause = error.Status.DebugException;
        while (cause?.InnerException is { } inner)
            cause = inner;
        return cause;
    }
}
