using System.Buffers;
using System.Net.Mime;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Telemetry;

namespace SidecarAgent.Webhook.Admission;

/// <summary>
/// POST /mutate. What cannot be understood is answered with a 4xx and one sentence; everything else with 200 and a review
/// that carries the request's UID, even if the webhook itself fails: then the answer is no.
/// </summary>
internal sealed partial class MutateEndpoint(
    Func<InjectionSettings> settings,
    WebhookMetrics metrics,
    LargeBodies large,
    TimeProvider time,
    ILogger<MutateEndpoint> logger)
{
    /// <summary>
    /// What the API server itself accepts as the body of a request. No larger pod can come from it, and etcd stores none
    /// over 1.5 MiB; the creation of a pod carries it once.
    /// </summary>
    public const int MaxBodyBytes = 3 * 1024 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType,
                $"expected Content-Type {MediaTypeNames.Application.Json}, got {Foreign.Quote(context.Request.ContentType ?? "")}");
            return;
        }

        using var body = new RequestBody(MaxBodyBytes, large, time);
        var outcome = await body.ReadAsync(context.Request, context.RequestAborted);
        if (outcome is not BodyOutcome.Whole)
        {
            await RefuseBodyAsync(context, outcome);
            return;
        }

        var start = time.GetTimestamp();
        if (!AdmissionReviewDecoder.TryDecode(body.Bytes, out var request, out var problem))
        {
            metrics.Malformed(time.GetElapsedTime(start));
            await RefuseAsync(context, StatusCodes.Status400BadRequest, problem);
            return;
        }

        using var held = request;
        var answer = new ArrayBufferWriter<byte>(8192);
        var decision = Answer(answer, request);
        metrics.Decided(decision, time.GetElapsedTime(start));
        Log(request, decision);
        context.Response.ContentType = MediaTypeNames.Application.Json;
        context.Response.ContentLength = answer.WrittenCount;
        await context.Response.Body.WriteAsync(answer.WrittenMemory, context.RequestAborted);
    }

    private Decision Answer(ArrayBufferWriter<byte> answer, AdmissionRequest request)
    {
        try
        {
            var decision = Decide(request);
            AdmissionReviewWriter.Write(answer, request, decision);
            return decision;
        }
        catch (Exception e)
        {
            // Whatever went wrong, the API server must learn which request it concerns, and the pod must not start unchanged.
            LogCrash(e, Foreign.Plain(request.Namespace), Foreign.Plain(request.Uid));
            answer.ResetWrittenCount();
            var refusal = new Decision.Reject(RejectReason.Crash,
                $"the webhook failed while it looked at this pod; its log says why, under request {request.Uid}");
            AdmissionReviewWriter.Write(answer, request, refusal);
            return refusal;
        }
    }

    private Decision Decide(AdmissionRequest request)
    {
        if (!request.IsNewPod)
            return new Decision.Skip(SkipReason.NotANewPod);
        return request.Object is { } pod
            ? PodInjection.Decide(pod, request.Namespace, settings())
            : new Decision.Reject(RejectReason.NotAPod, "the request is to create a pod, and carries none");
    }

    private Task RefuseBodyAsync(HttpContext context, BodyOutcome outcome)
    {
        switch (outcome)
        {
            case BodyOutcome.Crowded:
                context.Response.Headers.RetryAfter = "1";
                return RefuseAsync(context, StatusCodes.Status503ServiceUnavailable,
                    $"{LargeBodies.AtOnce} large bodies are being read already; try again");
            case BodyOutcome.Late:
                return RefuseAsync(context, StatusCodes.Status408RequestTimeout, "the body took too long to arrive");
            default:
                return RefuseAsync(context, StatusCodes.Status413PayloadTooLarge,
                    $"the body is larger than {MaxBodyBytes} bytes, the most that an API server accepts for an object");
        }
    }

    private async Task RefuseAsync(HttpContext context, int status, string sentence)
    {
        LogRefused(status, sentence);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(sentence + "\n", context.RequestAborted);
    }

    private void Log(AdmissionRequest request, Decision decision)
    {
        var (where, pod) = (Foreign.Plain(request.Namespace), Foreign.Plain(request.PodName));
        switch (decision)
        {
            case Decision.Inject:
                LogInjected(where, pod);
                break;
            case Decision.Reject reject:
                LogRejected(where, pod, reject.Reason, reject.Message);
                break;
            case Decision.Skip skip:
                LogSkipped(where, pod, skip.Why.Sentence);
                break;
        }
    }

    [LoggerMessage(LogLevel.Information, "Pod {Namespace}/{Pod}: injected")]
    private partial void LogInjected(string @namespace, string pod);

    [LoggerMessage(LogLevel.Warning, "Pod {Namespace}/{Pod}: rejected ({Reason}): {Message}")]
    private partial void LogRejected(string @namespace, string pod, string reason, string message);

    [LoggerMessage(LogLevel.Debug, "Pod {Namespace}/{Pod}: left alone, because {Sentence}")]
    private partial void LogSkipped(string @namespace, string pod, string sentence);

    [LoggerMessage(LogLevel.Warning, "A request was answered with {Status}: {Sentence}")]
    private partial void LogRefused(int status, string sentence);

    [LoggerMessage(LogLevel.Error, "The decision about a pod in namespace {Namespace} failed (request {Uid})")]
    private partial void LogCrash(Exception cause, string @namespace, string uid);
}
