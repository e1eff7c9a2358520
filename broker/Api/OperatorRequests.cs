using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf.Collections;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.V1;

using static SidecarAgent.Broker.Api.WorkloadRequests;

using FieldClass = SidecarAgent.Broker.Secrets.FieldClass;
using Generator = SidecarAgent.Broker.Secrets.Generator;
using NewField = SidecarAgent.Broker.Secrets.NewField;

namespace SidecarAgent.Broker.Api;

/// <summary>Checks what operators send, and turns it into what it means.</summary>
internal static class OperatorRequests
{
    /// <returns>The fields; the caller disposes their values.</returns>
    /// <exception cref="RequestFailedException">The message names the field, what it had and what was expected.</exception>
    public static IReadOnlyList<NewField> NewFields(RepeatedField<V1.NewField> fields)
    {
        var most = SecretLimits.FieldsPerVersion;
        Require(fields.Count >= 1 && fields.Count <= most, $"fields: 1 to {most} are allowed, got {fields.Count}");
        var names = new HashSet<string>();
        var size = 0;
        foreach (var field in fields)
        {
            RequireFieldName(field.Name, "fields");
            Require(names.Add(field.Name), $"fields: {field.Name} stands in the request twice");
            RequireSource(field);
            size += field.Value.Length;
        }

        foreach (var field in fields.Where(field => field.Generate is { } generate && Generator(generate).MakesKeyPair))
        {
            var pair = Generated.PublicKeyField(field.Name);
            RequireFieldName(pair, "fields");
            Require(names.Add(pair), $"fields: {pair} is the public key of {field.Name}, and made with it");
        }

        Require(names.Count <= most, $"fields: {most} are allowed, public keys included; got {names.Count}");
        Require(
            size <= SecretLimits.BytesPerVersion,
            $"fields: at most {SecretLimits.BytesPerVersion} bytes of values are allowed, got {size}");
        return [.. fields.Select(NewField)];
    }

    public static (CutOffKind Kind, string Target) Target(Target? target)
    {
        switch (target?.KindCase)
        {
            case V1.Target.KindOneofCase.Workload:
                if (!SpiffeId.TryParse(target.Workload, out _, out _))
                    RequireNames(target.Workload, 2, "target.workload: expected NAMESPACE/SERVICEACCOUNT or a SPIFFE ID");
                return (CutOffKind.Workload, target.Workload);
            case V1.Target.KindOneofCase.Pod:
                RequireNames(target.Pod, 2, "target.pod: expected NAMESPACE/POD");
                return (CutOffKind.Pod, target.Pod);
            case V1.Target.KindOneofCase.Node:
                RequireNames(target.Node, 1, "target.node: expected the name of a node");
                return (CutOffKind.Node, target.Node);
            case V1.Target.KindOneofCase.Secret:
                return (CutOffKind.Secret, Path(target.Secret, "target.secret").ToString());
            case V1.Target.KindOneofCase.Namespace:
                RequireNames(target.Namespace, 1, "target.namespace: expected the name of a namespace");
                return (CutOffKind.Namespace, target.Namespace);
            case V1.Target.KindOneofCase.All:
                Require(target.All, "target.all: must be true");
                return (CutOffKind.All, "");
            default:
                throw Invalid("target: expected a workload, pod, node, secret, namespace, or all");
        }
    }

    public static Workload Workload(WorkloadIdentity? workload)
    {
        if (workload?.SpiffeId is { Length: > 0 } spiffe)
        {
            Require(SpiffeId.TryParse(spiffe, out var trustDomain, out var path), "workload.spiffe_id: expected a SPIFFE ID");
            return Identity.Workload.OfSpiffe(trustDomain, path);
        }

        Require(workload?.Namespace is { Length: > 0 and <= 253 }, "workload.namespace: expected the name of a namespace");
        Require(workload!.Issuer.Length <= 1024, "workload.issuer: at most 1024 characters are allowed");
        Require(workload.ServiceAccount is { Length: > 0 and <= 253 }, "workload.service_account: expected its name");
        return new Workload(
            workload.Issuer, workload.Namespace, workload.ServiceAccount,
            NullIfEmpty(workload.Pod), NullIfEmpty(workload.PodUid), NullIfEmpty(workload.Node));
    }

    /// <summary>The beginning of paths.</summary>
    public static string Prefix(string prefix)
    {
        Require(
            prefix.Length <= SecretPath.MaxLength && !prefix.Any(char.IsControl),
            $"prefix: at most {SecretPath.MaxLength} characters are allowed, none of them a control character");
        return prefix;
    }

    public static (string Prefix, string After, int Limit) Page(ListSecretsRequest request)
    {
        var prefix = Prefix(request.Prefix);
        Require(request.PageToken.Length <= SecretPath.MaxLength, "page_token: not one that this broker gave");
        Require(request.PageSize <= 1000, $"page_size: 1 to 1000 are allowed, got {request.PageSize}");
        return (prefix, request.PageToken, request.PageSize == 0 ? 1000 : (int)request.PageSize);
    }

    /// <summary>
    /// Overwrites the values in a request that has been dealt with. A ByteString is immutable by contract; this request
    /// has just come off the wire, and nobody else has it.
    /// </summary>
    public static void Wipe(PutSecretRequest request)
    {
        foreach (var field in request.Fields)
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(field.Value.Memory).Span);
    }

    private static void RequireSource(V1.NewField field)
    {
        Require(
            field.SourceCase != V1.NewField.SourceOneofCase.None, $"fields: {field.Name} needs a value or a generator");
        Require(
            field.Value.Length <= SecretLimits.BytesPerField,
            $"fields: {field.Name} has {field.Value.Length} bytes; at most {SecretLimits.BytesPerField} are allowed");
        Require(
            field.Class is V1.FieldClass.Unspecified or V1.FieldClass.Secret or V1.FieldClass.Identifier,
            $"fields: the class of {field.Name} is neither SECRET nor IDENTIFIER");
        if (field.Generate is { } generate && Generator(generate).Problem() is { } problem)
            throw Invalid($"fields: {field.Name}: {problem}");
    }

    private static NewField NewField(V1.NewField field) => new(
        field.Name,
        field.Class == V1.FieldClass.Identifier ? FieldClass.Identifier : FieldClass.Secret,
        field.Generate is null ? SecretBytes.CopyOf(field.Value.Span) : null,
        field.Generate is { } generate ? Generator(generate) : null);

    private static Generator Generator(V1.Generator generate) => Secrets.Generator.Of(
        (GeneratorKind)generate.Kind,
        Number(generate.Length),
        generate.Alphabet,
        [.. generate.AtLeast.Select(rule => new AtLeast(Number(rule.Count), rule.Characters))]);

    private static int Number(uint number) => (int)Math.Min(number, int.MaxValue);

    private static void RequireNames(string text, int count, string problem)
    {
        var names = text.Split('/');
        Require(
            names.Length == count
            && names.All(name => name.Length is >= 1 and <= 253
                && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':')),
            problem);
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
