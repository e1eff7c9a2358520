namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Functions that templates from elsewhere use and that have no place in a sidecar, with the reason.</summary>
internal static class RefusedFunctions
{
    private const string Environment = "a template sees secrets and nothing of the agent's environment; write the value into the template";
    private const string Files = "a template can read and write no files; name each file in the pod's annotations";
    private const string Random = "it gives another value at each rendering, so the file would change without a rotation; "
        + "let the broker generate the value";
    private const string Consul = "there is no Consul or Nomad behind this agent";
    private const string Listing = "a secret is asked for by its whole path; name each with secret \"path\"";
    private const string Host = "a template may not start programs or ask the network";
    private const string Keys = "keys, certificates and password hashes are made by the broker";
    private const string KeyStores = "key stores are not made here; write the PEM files, which most programs read";
    private const string Dump = "it shows all of a value, for finding errors; toJSONPretty writes one into a file";

    /// <returns>Null: nothing is known of that name.</returns>
    public static string? Reason(string name) => name switch
    {
        "env" or "mustEnv" or "envOrDefault" or "expandenv" => Environment,
        "file" or "writeToFile" => Files,
        "plugin" or "getHostByName" or "sockaddr" => Host,
        "secrets" => Listing,
        "key" or "keyExists" or "keyExistsGet" or "keyOrDefault" or "ls" or "safeLs" or "tree" or "safeTree" or "node" or "nodes"
            or "service" or "services" or "connect" or "caRoots" or "caLeaf" or "datacenters" or "partitions" or "exportedServices"
            or "nomadService" or "nomadServices" or "nomadVar" or "nomadVarList" or "byKey" or "byTag" or "byMeta" or "explode" => Consul,
        "randAlpha" or "randAlphaNum" or "randNumeric" or "randAscii" or "randInt" or "randBytes" or "shuffle" or "uuidv4" => Random,
        "genPrivateKey" or "genCA" or "genCAWithKey" or "genSelfSignedCert" or "genSelfSignedCertWithKey" or "genSignedCert"
            or "genSignedCertWithKey" or "derivePassword" or "htpasswd" or "bcrypt" or "encryptAES" or "decryptAES"
            or "buildCustomCert" => Keys,
        "pkcs12key" or "pkcs12keyPass" or "pkcs12cert" or "pkcs12certPass" or "pemToPkcs12" or "pemToPkcs12Pass" or "fullPemToPkcs12"
            or "fullPemToPkcs12Pass" or "pemTruststoreToPKCS12" or "pemTruststoreToPKCS12Pass" or "jwkPublicKeyPem" or "jwkPrivateKeyPem"
            or "rsaDecrypt" => KeyStores,
        "spew_dump" or "spew_sdump" or "spew_printf" or "spew_sprintf" => Dump,
        "scratch" => "keep values in variables ($x := ...) or in a dict",
        "tpl" or "include" or "executeTemplate" => "use template or block, which write where they stand",
        "lookup" => "there is no cluster API behind this agent",
        _ => null,
    };
}
