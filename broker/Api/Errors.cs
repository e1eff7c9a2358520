using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// The only place where errors become gRPC status codes; google.rpc details say the rest (see the proto files).
/// </summary>
internal static partial class Errors
{
    private const string Domain = "sidecar-agent.io";

    /// <returns>What the caller is told; null: an error that nobody foresaw, of which it is told nothing.</returns>
    public static RpcException? Translate(Exception error) => error switch
    {
        RequestFailedException failed => Failure(failed.Reason, failed.Message, failed.Path, failed.RetryAfter),
        AuditUnavailableException =>
            Failure(ErrorReason.AuditUnavailable, "the audit log cannot be written, so nothing was done"),
        StorageUnavailableException =>
            Failure(ErrorReason.StorageUnavailable, "the database cannot be used, so nothing was done"),
        KeyUnavailableException key => Failure(ErrorReason.KeyUnavailable, $"the key service cannot be used: {key.Message}"),
        KeyNotRotatedException key => Failure(ErrorReason.KeyNotRotated, key.Message),
        OperationCanceledException => new RpcException(new Grpc.Core.Status(StatusCode.Cancelled, "the call was cancelled")),
        RpcException rpc => rpc,
        _ => null,
    };

    /// <summary>Ends a call with a failure that nobody throws: of thousands at once, that alone would take seconds.</summary>
    public static void End(ServerCallContext context, RequestFailedException failure)
    {
        var status = Describe(failure.Reason, failure.Message, failure.Path, failure.RetryAfter);
        context.Status = new Grpc.Core.Status((StatusCode)status.Code, status.Message);
        context.ResponseTrailers.Add(MetadataExtensions.StatusDetailsTrailerName, status.ToByteArray());
    }

    public static RpcException Failure(ErrorReason reason, string message, SecretPath? path = null, TimeSpan? wait = null) =>
        Describe(reason, message, path, wait).ToRpcException();

    private static Google.Rpc.Status Describe(ErrorReason reason, string message, SecretPath? path, TimeSpan? wait)
    {
        var (code, usually) = Meaning(reason);
        var info = new ErrorInfo { Domain = Domain, Reason = WireName(reason) };
        if (path is { } named)
            info.Metadata.Add("path", named.ToString());
        var status = new Google.Rpc.Status { Code = (int)code, Message = message, Details = { Any.Pack(info) } };
        if ((wait ?? usually) is { } retryAfter)
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = retryAfter.ToDuration() }));
        return status;
    }

    /// <summary><c>TokenMissing</c> is TOKEN_MISSING on the wire.</summary>
    public static string WireName(ErrorReason reason) => WordStart().Replace(reason.ToString(), "_").ToUpperInvariant();

    private static (StatusCode Code, TimeSpan? RetryAfter) Meaning(ErrorReason reason) => reason switch
    {
        ErrorReason.TokenMissing or ErrorReason.TokenInvalid or ErrorReason.TokenExpired => (StatusCode.Unauthenticated, null),
        ErrorReason.NotAnAdmin => (StatusCode.PermissionDenied, null),
        ErrorReason.RequestInvalid => (StatusCode.InvalidArgument, null),
        ErrorReason.SecretNotFound or ErrorReason.VersionNotFound or ErrorReason.CutOffNotFound
            or ErrorReason.LeaseNotFound or ErrorReason.RotationNotFound => (StatusCode.NotFound, null),
        ErrorReason.VersionMismatch or ErrorReason.VersionDeleted or ErrorReason.VersionInUse or ErrorReason.NothingToRotate
            or ErrorReason.RotationCannotChange or ErrorReason.KeyNotRotated or ErrorReason.RewrapRunning => (StatusCode.FailedPrecondition, null),
        ErrorReason.TooManyRequests => (StatusCode.ResourceExhausted, TimeSpan.FromSeconds(1)),
        ErrorReason.Stopping => (StatusCode.Unavailable, TimeSpan.FromSeconds(1)),
        ErrorReason.AuditUnavailable or ErrorReason.StorageUnavailable or ErrorReason.IssuerUnavailable =>
            (StatusCode.Unavailable, TimeSpan.FromSeconds(2)),
        ErrorReason.KeyUnavailable => (StatusCode.Unavailable, TimeSpan.FromSeconds(10)),
        _ => (StatusCode.Internal, null),
    };

    [GeneratedRegex("(?<!^)(?=[A-Z])")]
    private static partial Regex WordStart();
}
