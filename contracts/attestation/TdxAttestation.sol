// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {P256Fallback} from "./P256Fallback.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ITdxAttestation} from "../interfaces/ITdxAttestation.sol";
import {DataContract} from "./DataContract.sol";
import {Documents} from "./Documents.sol";
import {LevelVerdict} from "./LevelVerdict.sol";
import {P256Signature} from "./P256Signature.sol";
import {PckCertificates} from "./PckCertificates.sol";
import {QeIdentityData} from "./QeIdentityData.sol";
import {RootOfTrust} from "./RootOfTrust.sol";
import {TcbInfoData} from "./TcbInfoData.sol";
import {TcbStatuses} from "./TcbStatuses.sol";
import {Part, PckLeaf, TcbClaims, TcbStatus, TdxEvidence, TdxVerdict} from "./TdxTypes.sol";
import {TdxQuote} from "./TdxQuote.sol";

/**
 * @title TDX quotes, judged as Intel's quote verification library (QVL) judges them
 *
 * @notice The answer is a function of the signed bytes and of the chain. It is Intel's status, also
 * for a TCB that nobody should accept, and for a DEBUG TD: refusing those is policy, for which the
 * caller reads the TD report in the same bytes. Where there is no status to give, it reverts.
 */
contract TdxAttestation is Documents, PckCertificates {
    using TcbInfoData for TcbInfoData.View;

    error AuthorityIsFixed();

    /// @param rootCertificate The root to trust as DER: Intel's SGX Root CA, or a simulator's.
    /// @param authority An AccessManager, which is there for `shortenClock` alone.
    constructor(bytes memory rootCertificate, address authority) RootOfTrust(rootCertificate) AccessManaged(authority) {}

    /// @notice The authority is chosen at construction and never again.
    function setAuthority(address) public pure override {
        revert AuthorityIsFixed();
    }

    /// @inheritdoc ITdxAttestation
    function verifyQuote(TdxEvidence calldata evidence) external view returns (TdxVerdict memory) {
        bytes calldata quote = evidence.quote;
        (uint256 body, uint256 signedLength) = TdxQuote.frame(quote);
        PckLeaf calldata leaf = evidence.leaf;
        uint32 clearedBy = _expectKnown(leaf);
        _verifySignatures(quote, signedLength, leaf);
        return _judge(
            leaf,
            clearedBy,
            TdxQuote.claims(quote, body, signedLength),
            evidence.tcbInfoNumber,
            evidence.qeIdentityNumber
        );
    }

    /// @inheritdoc ITdxAttestation
    function evaluateTcb(
        PckLeaf calldata leaf,
        TcbClaims calldata claims,
        uint16 tcbInfoNumber,
        uint16 qeIdentityNumber
    ) external view returns (TdxVerdict memory) {
        return _judge(leaf, _expectKnown(leaf), claims, tcbInfoNumber, qeIdentityNumber);
    }

    /**
     * @dev What binds the quote to its platform: the PCK key signs the QE report, the QE report vouches
     * for the attestation key, the attestation key signs the quote (QVL 4.1.2.5.13, .14, .17). Intel
     * leaves the second half of the QE report data unchecked; its quoting enclave sets it to zero.
     */
    function _verifySignatures(bytes calldata quote, uint256 signedLength, PckLeaf calldata leaf) private view {
        (bytes32 r, bytes32 s) = TdxQuote.qeReportSignature(quote, signedLength);
        if (!P256Signature.isValid(sha256(TdxQuote.qeReport(quote, signedLength)), r, s, leaf.x, leaf.y)) {
            revert QeReportSignatureInvalid();
        }
        bytes32 binding = sha256(TdxQuote.boundBytes(quote, signedLength));
        (bytes32 lower, bytes32 upper) = TdxQuote.qeReportData(quote, signedLength);
        if (lower != binding || upper != 0) revert QeReportDataMismatch(binding, lower, upper);
        (bytes32 x, bytes32 y) = TdxQuote.attestationKey(quote, signedLength);
        (r, s) = TdxQuote.quoteSignature(quote, signedLength);
        if (!P256Signature.isValid(sha256(quote[:signedLength]), r, s, x, y)) {
            if (!P256Fallback.isValidPublicKey(x, y)) revert AttestationKeyInvalid(x, y);
            revert QuoteSignatureInvalid();
        }
    }

    /// @dev Revocation, the platform's collateral, the TDX module, the quoting enclave, and the TCB.
    function _judge(
        PckLeaf calldata leaf,
        uint32 clearedBy,
        TcbClaims memory claims,
        uint16 tcbInfoNumber,
        uint16 qeIdentityNumber
    ) private view returns (TdxVerdict memory verdict) {
        Crl memory rootCrl = _crlInForce(rootId(), Part.ROOT_CRL);
        Crl memory pckCrl = _crlInForce(leaf.issuerId, Part.PCK_CRL);
        _refuseRevokedIssuer(rootCrl, leaf.issuerId, Part.PCK_CA);
        if (clearedBy != pckCrl.thisUpdate && _isListed(leaf.issuerId, pckCrl, leaf.serial)) revert PckRevoked(leaf.serial);

        Document memory tcbInfo = _tcbInfoInForce(leaf.fmspc, tcbInfoNumber);
        Document memory qeIdentity = _qeIdentityInForce(qeIdentityNumber);
        TcbInfoData.View memory info = TcbInfoData.open(DataContract.get(tcbInfo.data));
        uint256 identity = QeIdentityData.open(DataContract.get(qeIdentity.data));
        _refuseRevokedIssuer(rootCrl, info.signerId(), Part.TCB_SIGNER);
        _refuseRevokedIssuer(rootCrl, QeIdentityData.signerId(identity), Part.TCB_SIGNER);
        if (leaf.pceId != info.pceId()) revert TcbInfoPceIdMismatch(leaf.pceId, info.pceId());

        _checkModule(info, claims);
        QeIdentityData.check(identity, claims);
        _evaluate(verdict, info, identity, leaf, claims);

        verdict.evidenceDigest = _evidenceDigest(leaf.tbsHash, claims);
        verdict.tcbInfoSince = tcbInfo.since;
        verdict.tcbEvaluationDataNumber = tcbInfoNumber < qeIdentityNumber ? tcbInfoNumber : qeIdentityNumber;
        verdict.supersededAt = _firstSuperseded(tcbInfoNumber, qeIdentityNumber, qeIdentity.since);
        verdict.expiresAt = uint32(
            _min(
                _min(_min(rootCrl.validUntil, pckCrl.validUntil), leaf.notAfter),
                _min(tcbInfo.validUntil, qeIdentity.validUntil)
            )
        );
    }

    /// @dev `keccak256(abi.encode(tbsHash, claims))`: a struct lies in memory as it is encoded, a word a field.
    function _evidenceDigest(bytes32 tbsHash, TcbClaims memory claims) private pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, tbsHash)
            mcopy(add(ptr, 32), claims, 320)
            digest := keccak256(ptr, 352)
        }
    }

    /// @dev Who signed the TDX module (QVL 4.1.2.5.12). MRSEAM itself is policy.
    function _checkModule(TcbInfoData.View memory info, TcbClaims memory claims) private pure {
        (uint256 ptr,,) = info.findModule(uint8(claims.teeTcbSvn[1]));
        (bytes32 high, bytes16 low, bytes8 attributes) = TcbInfoData.moduleAt(ptr);
        if (claims.mrSignerSeamHigh != high || claims.mrSignerSeamLow != low) {
            revert TdxModuleSignerMismatch(
                bytes.concat(high, low), bytes.concat(claims.mrSignerSeamHigh, claims.mrSignerSeamLow)
            );
        }
        // Intel asks for both: attributes as the TCB info has them, and zero.
        if (claims.seamAttributes != 0) revert TdxModuleAttributesMismatch(0, claims.seamAttributes);
        if (attributes != 0) revert TdxModuleAttributesMismatch(attributes, claims.seamAttributes);
    }

    /// @dev QVL `tdxEvaluateTCB` for the launch and, for TD 1.5, for now; then `checkForRelaunch`.
    function _evaluate(
        TdxVerdict memory verdict,
        TcbInfoData.View memory info,
        uint256 identity,
        PckLeaf calldata leaf,
        TcbClaims memory claims
    ) private pure {
        LevelVerdict.Verdict memory qe = QeIdentityData.matchLevel(identity, claims.qeIsvSvn);
        LevelVerdict.Verdict memory launch = _converge(info, leaf, claims.teeTcbSvn, qe);
        LevelVerdict.Verdict memory current =
            claims.teeTcbSvn2 == claims.teeTcbSvn ? launch : _converge(info, leaf, claims.teeTcbSvn2, qe);
        verdict.status = TcbStatuses.relaunch(launch.status, current.status);
        verdict.currentStatus = current.status;
        verdict.tcbDate = launch.tcbDate;
        verdict.currentTcbDate = current.tcbDate;
        verdict.advisoryIds = info.expandAdvisories(launch.advisories | current.advisories, new bytes32[](0));
        verdict.advisoryIds = QeIdentityData.expandAdvisories(identity, qe.advisories, verdict.advisoryIds);
    }

    /// @dev The highest level of each part, merged; the oldest date; the TCB info's advisories.
    function _converge(
        TcbInfoData.View memory info,
        PckLeaf calldata leaf,
        bytes16 teeTcbSvn,
        LevelVerdict.Verdict memory qe
    ) private pure returns (LevelVerdict.Verdict memory verdict) {
        verdict = info.matchPlatform(leaf.sgxTcbComponents, leaf.pceSvn, teeTcbSvn);
        uint8 version = uint8(teeTcbSvn[1]);
        (, uint256 levels, uint256 end) = info.findModule(version);
        if (levels != 0) {
            LevelVerdict.Verdict memory module =
                TcbInfoData.matchModule(levels, end, version, uint8(teeTcbSvn[0]));
            verdict.status = TcbStatuses.merge(verdict.status, module.status);
            verdict.tcbDate = uint32(_min(verdict.tcbDate, module.tcbDate));
            verdict.advisories |= module.advisories;
        }
        verdict.status = TcbStatuses.merge(verdict.status, qe.status);
        verdict.tcbDate = uint32(_min(verdict.tcbDate, qe.tcbDate));
    }

    /// @dev Refuses a TCB info whose number is superseded, and says which of the two numbers is first.
    function _firstSuperseded(uint16 tcbInfoNumber, uint16 qeIdentityNumber, uint32 ofQeIdentity)
        private
        view
        returns (uint32)
    {
        if (tcbInfoNumber == qeIdentityNumber) return ofQeIdentity;
        uint32 ofTcbInfo = _supersededAt(tcbInfoNumber);
        _refuseSuperseded(tcbInfoNumber, ofTcbInfo);
        if (ofTcbInfo == 0 || ofQeIdentity == 0) return ofTcbInfo | ofQeIdentity;
        return uint32(_min(ofTcbInfo, ofQeIdentity));
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
