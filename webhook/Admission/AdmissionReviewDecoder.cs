using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Admission;

/// <summary>Reads an AdmissionReview from the body of a request; strictly, since whatever is read may be answered with a patch.</summary>
internal static class AdmissionReviewDecoder
{
    public const string ApiVersion = "admission.k8s.io/v1";
    public const string Kind = "AdmissionReview";

    private const int MaxUidLength = 256;

    /// <summary>
    /// A pod is some 12 levels deep, and its managedFields some 16. Two readers of a duplicated key may take different
    /// ones, so none is accepted.
    /// </summary>
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <param name="body">All of the body; it must not change as long as the request is used.</param>
    /// <param name="request">The request, if there is one.</param>
    /// <param name="problem">Otherwise what is wrong, in one sentence.</param>
    public static bool TryDecode(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out AdmissionRequest? request, [NotNullWhen(false)] out string? problem)
    {
        request = null;
        if (body.IsEmpty)
        {
            problem = "the body is empty; expected an AdmissionReview";
            return false;
        }

        if (!Utf8.IsValid(body.Span) || !JsonText.HasOnlyWholeCharacters(body.Span))
        {
            problem = "the body is not valid UTF-8 text";
            return false;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, Strict);
        }
        catch (JsonException e)
        {
            problem = $"the body is not JSON that can be used: {Foreign.Plain(e.Message, 200)}";
            return false;
        }

        problem = Problem(document.RootElement);
        if (problem is null)
            request = Read(document);
        else
            document.Dispose();
        return problem is null;
    }

    private static string? Problem(JsonElement review)
    {
        if (review.ValueKind is not JsonValueKind.Object)
            return "the body is JSON, but not an object; expected an AdmissionReview";
        if (PodTree.Text(review, "kind") != Kind)
            return $"expected kind {Kind}, got {Shown(PodTree.Member(review, "kind"))}";
        if (PodTree.Text(review, "apiVersion") != ApiVersion)
            return $"expected apiVersion {ApiVersion}, got {Shown(PodTree.Member(review, "apiVersion"))}";
        if (PodTree.Member(review, "request") is not { ValueKind: JsonValueKind.Object } request)
            return "the AdmissionReview has no request";
        return PodTree.Text(request, "uid") is { Length: > 0 and <= MaxUidLength }
            ? null
            : $"the request needs a uid of 1 to {MaxUidLength} characters";
    }

    private static AdmissionRequest Read(JsonDocument review)
    {
        var request = PodTree.Member(review.RootElement, "request");
        var resource = PodTree.Member(request, "resource");
        return new AdmissionRequest(review)
        {
            Uid = PodTree.Text(request, "uid")!,
            Operation = PodTree.Text(request, "operation") ?? "",
            Group = PodTree.Text(resource, "group") ?? "",
            Resource = PodTree.Text(resource, "resource") ?? "",
            SubResource = PodTree.Text(request, "subResource") ?? "",
            Namespace = PodTree.Text(request, "namespace") ?? "",
            Object = PodTree.Member(request, "object") is { ValueKind: JsonValueKind.Object } pod ? pod : null,
        };
    }

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "none",
        JsonValueKind.String => Foreign.Quote(value.GetString()!),
        _ => "something that is not a string",
    };
}
