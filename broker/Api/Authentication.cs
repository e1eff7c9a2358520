using Grpc.Core;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Limits;

namespace SidecarAgent.Broker.Api;

/// <summary>Finds out who calls. Every attempt that fails is audited and counted.</summary>
internal sealed class Authentication(
    TokenVerifier tokens, OperatorVerifier operators, OperatorCertificates certificates, AdminOptions admins, CallRates rates,
    Gate gate)
{
    private const string Scheme = "Bearer ";

    /// <summary>What takes longer to come than this is seldom.</summary>
    private static readonly TimeSpan RetryUnread = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Finds out whether the caller over TLS has proved who it is, while nothing of the request is read yet. What speaks
    /// against it is noted for the call. What speaks for it is not: the request may take so long that it is no longer true.
    /// </summary>
    /// <returns>Not proven: it has not, or that cannot be found out; the call itself says why.</returns>
    public async Task<Proof> ProveAsync(HttpContext http, bool isOperator)
    {
        try
        {
            if (isOperator)
            {
                var who = await IdentifyAsync(http, http.RequestAborted);
                if (who is not OperatorResult.Verified)
                    http.Features.Set(who);
                return new Proof(who is OperatorResult.Verified);
            }

            var result = await tokens.VerifyAloneAsync(Token(http), http.RequestAborted);
            if (result is TokenResult.Verified { Caller.Workload.Holder: var holder })
                return new Proof(true, holder);
            http.Features.Set(result);
            return default;
        }
        catch (Exception)
        {
            // It happens again in the call, where errors become statuses.
            return default;
        }
    }

    /// <param name="context">The call.</param>
    /// <param name="items">How many secrets or leases it is about, as far as can be told before the request is looked at.</param>
    /// <exception cref="RequestFailedException">The token proves nothing, or whom it proves calls too often.</exception>
    public async Task<Caller> CallerAsync(ServerCallContext context, int items)
    {
        var request = context.GetHttpContext().Features.Get<UnreadRequest>();
        if (request?.IsTooMany == true)
        {
            throw new RequestFailedException(
                ErrorReason.TooManyRequests, $"this pod has begun {UnreadRequests.Most} requests that are not whole yet, and may begin no more")
            {
                RetryAfter = RetryUnread,
            };
        }

        var caller = await VerifiedAsync(context);
        rates.Admit(caller.Workload, Math.Clamp(items, 1, WorkloadRequests.MaxItems));
        // From here on the rates count it.
        request?.Dispose();
        return caller;
    }

    /// <exception cref="RequestFailedException">The caller is no operator.</exception>
    public async Task<Operator> OperatorAsync(ServerCallContext context)
    {
        var http = context.GetHttpContext();
        switch (http.Features.Get<OperatorResult>() ?? await IdentifyAsync(http, context.CancellationToken))
        {
            case OperatorResult.Verified verified:
                return verified.Operator;
            case OperatorResult.Rejected rejected:
                throw await RejectAsync(rejected.Reason, rejected.Message, context);
            case OperatorResult.NotAnAdmin stranger:
                await gate.TurnAwayAsync("not_an_admin", stranger.Message, context.CancellationToken);
                throw new RequestFailedException(ErrorReason.NotAnAdmin, stranger.Message);
            case var result:
                throw new InvalidOperationException($"No answer to {result.GetType().Name}.");
        }
    }

    private async ValueTask<OperatorResult> IdentifyAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (http.Features.Get<ConnectedThrough>() is { Listener: Listener.AdminSocket, Peer: var peer })
            return Local(peer);
        var token = Token(http);
        return token.IsEmpty && http.Connection.ClientCertificate is { } certificate
            ? certificates.Verify(certificate)
            : await operators.VerifyAsync(token.ToString(), cancellationToken);
    }

    /// <summary>The socket's mode lets them in; who they are is what the kernel says.</summary>
    private OperatorResult Local(PeerCredentials? peer)
    {
        var name = peer is { } known ? $"{AdminOptionsReader.LocalName}:uid={known.UserId}" : AdminOptionsReader.LocalName;
        return admins.SocketUsers is { } users && !(peer is { } one && users.Contains(one.UserId))
            ? new OperatorResult.NotAnAdmin($"{name} is not among the 'uids' of the socket")
            : new OperatorResult.Verified(new Operator(name));
    }

    private async ValueTask<Caller> VerifiedAsync(ServerCallContext context)
    {
        var http = context.GetHttpContext();
        return (http.Features.Get<TokenResult>() ?? await tokens.VerifyAsync(Token(http), context.CancellationToken)) switch
        {
            TokenResult.Verified verified => verified.Caller,
            TokenResult.Rejected rejected => throw await RejectAsync(rejected.Reason, rejected.Message, context),
            var result => throw new InvalidOperationException($"No answer to {result.GetType().Name}."),
        };
    }

    /// <returns>
    /// What follows "Bearer " in the one authorization entry, and no copy of it, which would be most of what a call costs in
    /// memory; empty: nothing does.
    /// </returns>
    public static ReadOnlyMemory<char> Token(HttpContext http)
    {
        // Not by way of the call's metadata, which would be a copy of all headers. Several entries say nothing.
        var values = http.Request.Headers.Authorization;
        var value = values.Count == 1 ? values[0] : null;
        return value?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true ? value.AsMemory(Scheme.Length) : default;
    }

    private async Task<RequestFailedException> RejectAsync(TokenRejection reason, string message, ServerCallContext context)
    {
        await gate.TurnAwayAsync(Label(reason), message, context.CancellationToken);
        var error = reason switch
        {
            TokenRejection.Missing => ErrorReason.TokenMissing,
            TokenRejection.Expired => ErrorReason.TokenExpired,
            TokenRejection.KeysUnavailable or TokenRejection.ReviewUnavailable => ErrorReason.IssuerUnavailable,
            _ => ErrorReason.TokenInvalid,
        };
        return new RequestFailedException(error, message);
    }

    private static string Label(TokenRejection reason) => reason switch
    {
        TokenRejection.Missing => "token_missing",
        TokenRejection.Oversize => "token_oversize",
        TokenRejection.Malformed => "token_malformed",
        TokenRejection.UnknownIssuer => "token_unknown_issuer",
        TokenRejection.Algorithm => "token_algorithm",
        TokenRejection.UnknownKey => "token_unknown_key",
        TokenRejection.Signature => "token_signature",
        TokenRejection.Audience => "token_audience",
        TokenRejection.Expired => "token_expired",
        TokenRejection.NotYetValid => "token_not_yet_valid",
        TokenRejection.Claims => "token_claims",
        TokenRejection.KeysUnavailable => "token_keys_unavailable",
        TokenRejection.Revoked => "token_revoked",
        TokenRejection.ReviewUnavailable => "token_review_unavailable",
        TokenRejection.Certificate => "certificate",
        _ => throw new InvalidOperationException($"No label for {reason}."),
    };
}
